using Weft.Expressions.Checking;

namespace Weft.Expressions.Data;

/// <summary>
/// Many expressions over one kind of input: what they ask of it is read once, however many ask for the same. The inputs are collected while
/// expressions are added; after that the set does not change.
/// </summary>
/// <remarks>Once all are added, safe for use from many threads, each with a frame of its own.</remarks>
/// <param name="scope">What the expressions may use.</param>
/// <param name="limits">What each may cost.</param>
internal sealed class RuleSet(Scope scope, CelLimits limits)
{
    private readonly List<Compiled> _rules = [];
    private int _locals;

    /// <summary>What the expressions read, for making what fills it.</summary>
    public SlotTable Slots { get; } = new();

    /// <summary>How many expressions it has.</summary>
    public int Count => _rules.Count;

    /// <summary>An expression, by the number that <see cref="Add"/> gave.</summary>
    public Compiled this[int rule] => _rules[rule];

    /// <summary>Compiles an expression into the set.</summary>
    /// <returns>Its number, from 0; -1 when there are errors.</returns>
    public int Add(string text, ICollection<CelProblem> problems)
    {
        if (Compiler.Compile(text, scope, Slots, limits, problems) is not { } compiled)
            return -1;
        _rules.Add(compiled);
        _locals = Math.Max(_locals, compiled.Plan.Locals);
        return _rules.Count - 1;
    }

    /// <summary>A frame for all expressions of the set.</summary>
    public Frame NewFrame() => new(Slots.Paths.Count, _locals, limits);

    /// <summary>Evaluates one expression over what stands in the slots. The value is good until the next evaluation with this frame.</summary>
    public CelValue Evaluate(int rule, Frame frame) => _rules[rule].Plan.Evaluate(frame);
}
