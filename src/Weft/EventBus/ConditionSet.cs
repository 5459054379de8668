using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>
/// The conditions of all subscriptions of a topic. Whichever comes to an event first has it read once and all conditions evaluated; the others
/// find the verdicts, as long as they are not too far behind.
/// </summary>
/// <remarks>Safe for use from many threads.</remarks>
internal sealed class ConditionSet
{
    // So many events are remembered; a power of two. Subscriptions that run side by side are this near to each other.
    private const int Recent = 1024;

    private readonly RuleSet _rules;
    private readonly EventSlots _slots;
    private readonly Lock[] _locks = new Lock[64];
    private readonly long[] _positions = new long[Recent];
    private readonly byte[] _verdicts;
    private long _readings;

    /// <exception cref="ArgumentException">An expression is wrong.</exception>
    public ConditionSet(IReadOnlyCollection<Condition> conditions, OptionsMap<string> vars)
    {
        _rules = new RuleSet(Places.Event, CelLimits.Default, vars);
        foreach (var condition in conditions)
            _rules.Require(condition.When, $"subscriptions.{condition.Subscription}.when");
        _slots = new EventSlots(_rules.Slots);
        _verdicts = new byte[conditions.Count > 1 ? Recent * conditions.Count : 0];
        for (int i = 0; i < _locks.Length; i++)
            _locks[i] = new();
    }

    /// <summary>How many.</summary>
    public int Count => _rules.Count;

    /// <summary>How often an event was read.</summary>
    public long Readings => Volatile.Read(ref _readings);

    /// <summary>What a condition makes of an event: true, false, or why it is neither.</summary>
    public CelValue Evaluate(int condition, in Delivery<Message> delivery)
    {
        // What comes from beside the log may have been changed by an operator, and comes to one subscription alone.
        if (Count == 1 || delivery.Again)
            return EvaluateOne(condition, delivery.Item);

        int at = (int)((ulong)delivery.Position * 0x9E3779B97F4A7C15 >> 54);
        Verdict verdict;
        lock (_locks[at % _locks.Length])
        {
            if (_positions[at] != delivery.Position)
                EvaluateAll(at, delivery);
            verdict = (Verdict)_verdicts[(at * Count) + condition];
        }
        return verdict switch
        {
            Verdict.True => CelValue.Of(true),
            Verdict.False => CelValue.Of(false),
            _ => EvaluateOne(condition, delivery.Item), // It says why, which nobody else asks for.
        };
    }

    private void EvaluateAll(int at, in Delivery<Message> delivery)
    {
        var frame = _rules.Rent();
        try
        {
            _positions[at] = 0;
            Interlocked.Increment(ref _readings);
            _slots.Fill(delivery.Item, frame);
            for (int i = 0; i < Count; i++)
            {
                var value = _rules.Evaluate(i, frame);
                _verdicts[(at * Count) + i] = (byte)(value.Kind != CelKind.Bool ? Verdict.None : value.IsTrue ? Verdict.True : Verdict.False);
            }
            _positions[at] = delivery.Position;
        }
        finally
        {
            _rules.Return(frame);
        }
    }

    private CelValue EvaluateOne(int condition, in Message message)
    {
        var frame = _rules.Rent();
        try
        {
            Interlocked.Increment(ref _readings);
            _slots.Fill(message, frame);
            return _rules.Evaluate(condition, frame);
        }
        finally
        {
            _rules.Return(frame);
        }
    }

    private enum Verdict : byte
    {
        None,
        True,
        False,
    }
}
