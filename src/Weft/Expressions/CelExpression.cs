namespace Weft.Expressions;

/// <summary>An expression that can be evaluated.</summary>
/// <remarks>Immutable, and safe for use from many threads; each evaluation has a <see cref="CelContext"/> of its own.</remarks>
public sealed class CelExpression
{
    private readonly Compiled _compiled;
    private readonly SlotTable _slots;
    private readonly CelLimits _limits;

    internal CelExpression(Compiled compiled, SlotTable slots, CelLimits limits, IReadOnlyList<CelProblem> warnings)
    {
        (_compiled, _slots, _limits) = (compiled, slots, limits);
        Warnings = warnings;
    }

    /// <summary>The expression as it was written.</summary>
    public string Text => _compiled.Text;

    /// <summary>The type of its values; <see cref="CelType.Dyn"/> when that shows only when they are there.</summary>
    public CelType Type => _compiled.Type;

    /// <summary>What is doubtful about it.</summary>
    public IReadOnlyList<CelProblem> Warnings { get; }

    /// <summary>
    /// Evaluates it once. Variables that are not given are errors where the expression uses them. Never throws on what variables hold.
    /// </summary>
    /// <param name="variables">The values of the variables, of the types that <see cref="CelValue.From(object?)"/> takes; null for none.</param>
    /// <returns>The value, or an error (<see cref="CelValue.IsError"/>).</returns>
    /// <exception cref="ArgumentException">A value is of a type that expressions do not have.</exception>
    public CelValue Evaluate(IReadOnlyDictionary<string, object?>? variables = null)
    {
        var context = NewContext();
        foreach (var path in _slots.Paths)
        {
            if (variables is not null && variables.TryGetValue(path.Variable, out var value))
                context.Frame.Slots[path.Number] = CelValue.From(value);
        }
        return Evaluate(context);
    }

    /// <summary>Evaluates it with the values of a context, again and again without allocating.</summary>
    /// <param name="context">Made by <see cref="NewContext"/> of this expression.</param>
    /// <returns>The value, or an error. What it holds is good until the next evaluation with this context.</returns>
    public CelValue Evaluate(CelContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return _compiled.Plan.Evaluate(context.Frame);
    }

    /// <summary>Makes what an evaluation needs beside the expression. Keep one for each thread that evaluates often.</summary>
    public CelContext NewContext() => new(new Frame(_slots.Paths.Count, _compiled.Plan.Locals, _limits), _slots);
}

/// <summary>The values of the variables of an expression, and the memory of its evaluation.</summary>
/// <remarks>For one evaluation at a time; not safe for use from many threads.</remarks>
public sealed class CelContext
{
    private readonly SlotTable _slots;

    internal CelContext(Frame frame, SlotTable slots)
    {
        (Frame, _slots) = (frame, slots);
        for (var i = 0; i < slots.Paths.Count; i++)
            frame.Slots[i] = slots.Paths[i].NotGiven;
    }

    internal Frame Frame { get; }

    /// <summary>Gives a variable a value; names that the expression does not use are ignored.</summary>
    /// <param name="name">The name of the variable.</param>
    /// <param name="value">Its value until another one is given.</param>
    public void Set(string name, in CelValue value)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var path in _slots.Paths)
        {
            if (path.Variable == name)
                Frame.Slots[path.Number] = value;
        }
    }
}
