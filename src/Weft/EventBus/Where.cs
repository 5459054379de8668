using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Data;
using Weft.Flows;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>
/// A condition by which an operator chooses messages or dead letters. Where it has no value, since it asks for a field that is not there,
/// it does not hold; that is counted. For one search, and not for several threads.
/// </summary>
internal sealed class Where
{
    private readonly RuleSet _rules;
    private readonly EventSlots _slots;
    private readonly Frame _frame;

    private Where(string text, Scope scope, OptionsMap<string> vars)
    {
        _rules = new RuleSet(scope, CelLimits.Default, vars);
        var problems = new List<CelProblem>();
        if (_rules.Add(text, problems) < 0)
            throw new CelException(text, problems);
        var type = _rules[0].Type;
        if (type.Kind is not (CelTypeKind.Bool or CelTypeKind.Dyn))
            throw new CelException(text, [new(0, text.Length, $"A condition must be true or false; this is of type {TypeText.Of(type)}.{Remedy.Condition(type)}")]);
        _slots = new EventSlots(_rules.Slots);
        _frame = _rules.NewFrame();
    }

    /// <summary>How often it had no value.</summary>
    public int Errors { get; private set; }

    /// <summary>Where it had none last.</summary>
    public long ErrorPosition { get; private set; }

    /// <summary>Why it had none last.</summary>
    public string? Error { get; private set; }

    /// <summary>A condition over <c>event</c> and <c>vars</c>; null for none.</summary>
    /// <exception cref="CelException">It is wrong; the message shows where.</exception>
    public static Where? OverMessages(string? text, WeftOptions options) => text is null ? null : new(text, Places.Event, options.Vars);

    /// <summary>A condition over <c>event</c>, <c>dead</c> and <c>vars</c>; null for none.</summary>
    /// <exception cref="CelException">It is wrong; the message shows where.</exception>
    public static Where? OverDead(string? text, WeftOptions options) => text is null ? null : new(text, Places.Dead, options.Vars);

    /// <summary>Whether it holds for a message.</summary>
    public bool Holds(in LogEntry entry)
    {
        _slots.Fill(entry.Message, _frame);
        return Evaluate(entry.Position);
    }

    /// <summary>Whether it holds for a dead letter.</summary>
    public bool Holds(string subscription, ParkedMessage dead)
    {
        _slots.Fill(dead.Message, _frame);
        foreach (var slot in _rules.Slots.Paths)
        {
            if (slot.Variable.StartsWith("dead.", StringComparison.Ordinal))
                _frame.Slots[slot.Number] = Value(slot.Variable, subscription, dead);
        }
        return Evaluate(dead.Position);
    }

    private static CelValue Value(string name, string subscription, ParkedMessage dead) => name switch
    {
        "dead.reason" => CelValue.Of(dead.Reason ?? ""),
        "dead.detail" => CelValue.Of(dead.Detail ?? ""),
        "dead.attempts" => CelValue.Of((long)dead.Attempts),
        "dead.firstAt" => CelValue.Of(dead.FirstAt),
        "dead.lastAt" => CelValue.Of(dead.LastAt),
        "dead.key" => CelValue.String(dead.Key.ToArray()),
        "dead.subscription" => CelValue.Of(subscription),
        "dead.position" => CelValue.Of(dead.Position),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "The scope has no such name."),
    };

    private bool Evaluate(long position)
    {
        var value = _rules.Evaluate(0, _frame);
        if (value.Kind != CelKind.Bool)
        {
            Errors++;
            ErrorPosition = position;
            Error = value.Error?.Message ?? "The condition is neither true nor false.";
        }
        return value.IsTrue;
    }
}
