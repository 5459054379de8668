using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>What events of a topic must share to be delivered in order: the value of its <c>key</c> as text.</summary>
/// <remarks>Safe for use from many threads.</remarks>
internal sealed class TopicKey
{
    private readonly RuleSet _rules;
    private readonly EventSlots _slots;

    /// <exception cref="ArgumentException">The expression is wrong.</exception>
    public TopicKey(string topic, string expression, WeftOptions options)
    {
        _rules = new RuleSet(Places.Event, CelLimits.Default, options.Vars);
        _rules.Require(expression, $"topics.{topic}.key");
        _slots = new EventSlots(_rules.Slots);
    }

    /// <summary>The key of an event; empty when it has none.</summary>
    public ReadOnlyMemory<byte> Of(in Message message)
    {
        var frame = _rules.Rent();
        try
        {
            _slots.Fill(message, frame);
            return EventKey.Bytes(_rules.Evaluate(0, frame), message);
        }
        finally
        {
            _rules.Return(frame);
        }
    }
}
