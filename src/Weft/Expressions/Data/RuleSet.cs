using System.Collections.Concurrent;
using Weft.Expressions.Checking;
using Weft.Expressions.Planning;

namespace Weft.Expressions.Data;

/// <summary>
/// Many expressions over one kind of input: what they ask of it is read once, however many ask for the same. The inputs are collected while
/// expressions are added; after that the set does not change.
/// </summary>
/// <remarks>Once all are added, safe for use from many threads, each with a frame of its own.</remarks>
/// <param name="scope">What the expressions may use.</param>
/// <param name="limits">What each may cost.</param>
/// <param name="vars">The values of <c>vars</c>.</param>
internal sealed class RuleSet(Scope scope, CelLimits limits, IReadOnlyCollection<KeyValuePair<string, string>>? vars = null)
{
    private readonly List<Compiled> _rules = [];

    // The same, close together for the many that are evaluated in a row.
    private readonly List<Node> _roots = [];
    private readonly ConcurrentBag<Frame> _free = [];
    private int _locals;

    /// <summary>What the expressions read, for making what fills it.</summary>
    public SlotTable Slots { get; } = new();

    /// <summary>How many expressions it has.</summary>
    public int Count => _rules.Count;

    /// <summary>An expression, by the number that adding gave.</summary>
    public Compiled this[int rule] => _rules[rule];

    /// <summary>Compiles an expression into the set.</summary>
    /// <returns>Its number, from 0; -1 when there are errors.</returns>
    public int Add(string text, ICollection<CelProblem> problems)
    {
        if (Compiler.Compile(text, scope, Slots, limits, problems) is not { } compiled)
            return -1;
        _rules.Add(compiled);
        _roots.Add(compiled.Plan.Root);
        _locals = Math.Max(_locals, compiled.Plan.Locals);
        return _rules.Count - 1;
    }

    /// <summary>Compiles an expression that was checked when the options were.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="place">Where it stands, for the error.</param>
    /// <exception cref="ArgumentException">It is wrong after all.</exception>
    public void Require(string text, string place)
    {
        var problems = new List<CelProblem>();
        if (Add(text, problems) < 0)
            throw new ArgumentException($"{place}: {CelException.Show(text, problems)}", nameof(text));
    }

    /// <inheritdoc cref="Require(string, string)"/>
    /// <param name="tree">The tree.</param>
    /// <param name="place">Where it stands, for the error.</param>
    public Plan Require(CelTree tree, string place) =>
        Add(TreePlanner.Plan(tree, scope, Slots, limits, (path, problem) => _ = problem.IsWarning ? 0 : throw new ArgumentException($"{place} {path}: {problem.Message}", nameof(tree)))!);

    /// <inheritdoc cref="Require(string, string)"/>
    /// <param name="template">The text with holes.</param>
    /// <param name="use">Where the text is used.</param>
    /// <param name="place">Where it stands, for the error.</param>
    /// <param name="tail">The name of the rest of the route's path; null for none.</param>
    public Plan Require(string template, TemplatePlace use, string place, string? tail = null)
    {
        var problems = new List<CelProblem>();
        return Add(Template.Compile(template, use, scope, Slots, limits, problems, tail) ?? throw new ArgumentException($"{place}: {CelException.Show(template, problems)}", nameof(template)));
    }

    /// <summary>Adds a plan that was made with <see cref="Slots"/>: a template or a tree.</summary>
    public Plan Add(Plan plan)
    {
        _locals = Math.Max(_locals, plan.Locals);
        return plan;
    }

    /// <summary>A frame for all expressions of the set. Variables that nothing fills have no value.</summary>
    public Frame NewFrame()
    {
        var frame = new Frame(Slots.Paths.Count, _locals, limits);
        foreach (var path in Slots.Paths)
            frame.Slots[path.Number] = path.NotGiven;
        Vars.Fill(Slots, vars ?? [], frame);
        return frame;
    }

    /// <summary>A frame that is free; give it back with <see cref="Return"/> once nothing of it is in use any more.</summary>
    public Frame Rent() => _free.TryTake(out var frame) ? frame : NewFrame();

    /// <summary>Gives back a frame.</summary>
    public void Return(Frame frame) => _free.Add(frame);

    /// <summary>Evaluates one expression over what stands in the slots. The value is good until the next evaluation with this frame.</summary>
    public CelValue Evaluate(int rule, Frame frame) => Plan.Evaluate(_roots[rule], frame);
}
