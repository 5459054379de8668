using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>The <c>when</c> of a subscription.</summary>
/// <remarks>Safe for use from many threads.</remarks>
internal sealed class Condition
{
    private readonly RuleSet _rules;
    private readonly EventSlots _slots;

    /// <exception cref="ArgumentException">The expression is wrong.</exception>
    public Condition(string subscription, string when, WeftOptions options)
    {
        _rules = new RuleSet(Places.Event, CelLimits.Default, options.Vars);
        _rules.Require(when, $"subscriptions.{subscription}.when");
        _slots = new EventSlots(_rules.Slots);
    }

    /// <summary>True, false, or why it is neither.</summary>
    public CelValue Evaluate(in Message message)
    {
        var frame = _rules.Rent();
        try
        {
            _slots.Fill(message, frame);
            return _rules.Evaluate(0, frame);
        }
        finally
        {
            _rules.Return(frame);
        }
    }
}
