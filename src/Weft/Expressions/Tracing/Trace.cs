using System.Globalization;
using System.Text;
using Weft.Expressions.Planning;
using Weft.Expressions.Syntax;

namespace Weft.Expressions.Tracing;

/// <summary>
/// Answers "why is this false": evaluates an expression once and keeps the value of each of its parts, as they came: what a short circuit
/// skipped has none, what stands in a loop has one for each round.
/// </summary>
internal sealed class Trace
{
    // More would hide what decides.
    private const int Rounds = 5;
    private const int Width = 80;

    private readonly string _text;
    private readonly Expr _root;
    private readonly Dictionary<Expr, List<string>> _values = [];

    private Trace(string text, Expr root) => (_text, _root) = (text, root);

    /// <summary>Evaluates an expression and keeps what its parts were.</summary>
    /// <param name="text">The text that was compiled.</param>
    /// <param name="root">Its tree, annotated by the checker.</param>
    /// <param name="fill">Fills the slots of a frame.</param>
    /// <param name="value">The value of the whole.</param>
    public static Trace Of(string text, Expr root, Action<SlotTable, Frame> fill, out CelValue value)
    {
        var trace = new Trace(text, root);
        var slots = new SlotTable();
        var plan = Planner.Plan(root, slots, (part, node) => new ObservedNode(part, node, trace));
        var frame = new Frame(slots.Paths.Count, plan.Locals, CelLimits.Default);
        fill(slots, frame);
        value = plan.Evaluate(frame);
        return trace;
    }

    /// <summary>The tree of parts, one to a line: what is written, and its value.</summary>
    public override string ToString()
    {
        var lines = new StringBuilder();
        Add(_root, 0, lines);
        return lines.ToString();
    }

    private void Add(Expr part, int depth, StringBuilder lines)
    {
        if (IsConstant(part))
            return;
        var written = string.Join(' ', _text.Substring(part.Place.Start, part.Place.Length).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        lines.Append(' ', depth * 2).Append(CultureInfo.InvariantCulture, $"{Cut(written)}  →  {Values(part)}\n");
        foreach (var below in Parts(part))
            Add(below, depth + 1, lines);
    }

    private string Values(Expr part)
    {
        if (!_values.TryGetValue(part, out var values))
            return "not evaluated";
        if (values.Count == 1)
            return values[0];
        // The last round is the one that decided.
        var shown = values.Count <= Rounds ? string.Join(", ", values) : $"{string.Join(", ", values.Take(Rounds - 1))}, …, {values[^1]}";
        return string.Create(CultureInfo.InvariantCulture, $"{shown} ({values.Count} rounds)");
    }

    /// <summary>The parts that say something: a chain of fields is one part, and of a macro what was written in it.</summary>
    private IEnumerable<Expr> Parts(Expr part) => part switch
    {
        // What has no field is what one wants to see then.
        SelectExpr select when _values.TryGetValue(part, out var values) && values[0].StartsWith("error", StringComparison.Ordinal) && _values.ContainsKey(select.Operand) => [select.Operand],
        CallExpr call => call.Target is null ? call.Arguments : [call.Target, .. call.Arguments],
        ListExpr list => list.Items,
        MapExpr map => map.Entries.SelectMany(e => new[] { e.Key, e.Value }),
        ComprehensionExpr { Form: ComprehensionForm.Bind } bind => [bind.Initial, bind.Body!],
        ComprehensionExpr loop => [loop.Range, .. loop.Predicate is null ? (Expr[])[] : [loop.Predicate], .. loop.Body is null ? (Expr[])[] : [loop.Body]],
        _ => [],
    };

    /// <summary>A constant is what it is.</summary>
    private static bool IsConstant(Expr part) => part is LiteralExpr || (part is ListExpr list && Array.TrueForAll(list.Items, IsConstant));

    private static string Cut(string text) => text.Length <= Width ? text : text[..(Width - 1)] + "…";

    /// <summary>A node that tells what it gave.</summary>
    private sealed class ObservedNode(Expr part, Node node, Trace trace) : Node
    {
        public override CelValue Evaluate(Frame frame)
        {
            var value = node.Evaluate(frame);
            if (!trace._values.TryGetValue(part, out var values))
                trace._values[part] = values = [];
            values.Add(Cut(value.ToString()));
            return value;
        }
    }
}
