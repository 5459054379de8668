namespace Weft.Expressions;

/// <summary>Everything that changes while an expression is evaluated: its inputs, its variables, its memory and what it may still do.</summary>
/// <remarks>For one evaluation at a time; kept and used again.</remarks>
internal sealed class Frame
{
    public Frame(int slots, int locals, CelLimits limits)
    {
        Slots = new CelValue[slots];
        Rows = new CelValue[slots];
        Locals = new CelValue[locals];
        Limits = limits;
        Arena = new Arena { MaxBytes = limits.MaxBytes };
        _stepsLeft = limits.MaxSteps;
    }

    private long _stepsLeft;
    private CelError? _halted;

    /// <summary>The inputs, by the numbers that the slot table gave them.</summary>
    public CelValue[] Slots { get; }

    /// <summary>
    /// By the same numbers, what loops read of the items of an input that is a list in JSON: see <see cref="Data.JsonRows"/>. Kept by whoever
    /// fills the slots; no list where there is nothing.
    /// </summary>
    public CelValue[] Rows { get; }

    /// <summary>The variables of comprehensions and bindings, by the numbers that the planner gave them.</summary>
    public CelValue[] Locals { get; }

    /// <summary>The memory of what is evaluated: free again when the next evaluation begins.</summary>
    public Arena Arena { get; }

    /// <summary>The memory of the inputs: free again when they are read anew, by whoever reads them.</summary>
    public Arena Inputs { get; } = new() { MaxBytes = long.MaxValue };

    public CelLimits Limits { get; }

    /// <summary>Why the evaluation must stop; no operator absorbs it. Null while it may go on.</summary>
    public CelError? Halted => _halted ?? Arena.Limit;

    /// <summary>Counts work: one step for each round of a comprehension and for each 64 bytes or items that a function walks through.</summary>
    /// <returns>False when the evaluation must stop; its value is then <see cref="Halted"/>.</returns>
    public bool TryStep(long steps = 1)
    {
        _stepsLeft -= steps;
        if (_stepsLeft >= 0)
            return Arena.Limit is null;
        _halted ??= new CelError(CelErrorKind.Limit, $"The expression takes more than {Limits.MaxSteps} steps.");
        return false;
    }

    /// <summary>Makes it ready for the next evaluation. Inputs stay.</summary>
    public void Reset()
    {
        Arena.Reset();
        _stepsLeft = Limits.MaxSteps;
        _halted = null;
    }
}
