using System.Globalization;
using System.Text;
using Weft.Diagnostics;
using Weft.Expressions.Checking;
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
    private const int Names = 12;

    private readonly string _text;
    private readonly Expr _root;
    private readonly Dictionary<Expr, List<string>> _values = [];
    private readonly Dictionary<Expr, CelValue> _last = [];

    // In the order in which they came: what is within a part comes before it.
    private readonly List<(Expr Part, CelError Error)> _errors = [];

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
        // A constant is not observed.
        if (!trace._values.ContainsKey(root))
            trace._values[root] = [Cut(value.ToString())];
        return trace;
    }

    /// <summary>An error with the place that it comes from, and what is there instead of what is missing.</summary>
    public CelProblem Locate(CelError error)
    {
        var part = _errors.Find(e => e.Error == error).Part;
        return part switch
        {
            null => new CelProblem(0, _text.Length, error.Message),
            SelectExpr { IsTest: false } select => At(Math.Max(select.Place.Start, select.Place.End - select.Field.Length), select.Place.End, Instead(select.Operand, select.Field)),
            CallExpr call when TypeChecker.NameOf(call) is (var start, > 0 and var length) => At(start, start + length, ""),
            _ => At(part.Place.Start, part.Place.End, ""),
        };

        CelProblem At(int start, int end, string more) => new(start, end - start, error.Message + more);

        string Instead(Expr operand, string field) => error.Kind == CelErrorKind.NoSuchField && _last.TryGetValue(operand, out var map) && map.Kind == CelKind.Map ? Keys(map, field) : "";
    }

    /// <summary>The keys of a map, and the one that was probably meant.</summary>
    private static string Keys(in CelValue map, string wanted)
    {
        var keys = new List<string>();
        var reader = new MapReader(map, new Arena());
        while (keys.Count <= Names && reader.NextKey(out var key))
            keys.Add(key.Kind == CelKind.String ? Encoding.UTF8.GetString(key.AsSpan) : key.ToString());
        return keys.Count == 0 ? " The map is empty."
            : $"{Nearest.Hint(wanted, keys)} There are: {string.Join(", ", keys.Take(Names))}{(keys.Count > Names ? " and others" : "")}.";
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
        if (depth > 0 && IsConstant(part))
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
    private static bool IsConstant(Expr part) => part is LiteralExpr or NameExpr { Meaning: ConstantDeclaration } or SelectExpr { Meaning: ConstantDeclaration } || (part is ListExpr list && Array.TrueForAll(list.Items, IsConstant));

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
            trace._last[part] = value;
            if (value.IsError)
                trace._errors.Add((part, value.Error!));
            return value;
        }
    }
}
