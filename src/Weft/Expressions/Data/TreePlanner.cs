using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Planning;

namespace Weft.Expressions.Data;

/// <summary>Turns a tree of expressions into one plan, which writes its JSON from top to bottom.</summary>
internal sealed partial class TreePlanner
{
    private readonly Scope _scope;
    private readonly SlotTable _slots;
    private readonly CelLimits _limits;
    private readonly Action<string, CelProblem> _report;
    private int _locals;
    private bool _failed;

    private TreePlanner(Scope scope, SlotTable slots, CelLimits limits, Action<string, CelProblem> report) =>
        (_scope, _slots, _limits, _report) = (scope, slots, limits, report);

    /// <summary>Plans a tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="scope">What its expressions may use.</param>
    /// <param name="slots">Gets the inputs that they read.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="report">Gets each problem with the path of its leaf, such as <c>orders[0].id</c>; the path of a tree that is a leaf is empty.</param>
    /// <returns>The plan; null when there are errors.</returns>
    public static Plan? Plan(CelTree tree, Scope scope, SlotTable slots, CelLimits limits, Action<string, CelProblem> report)
    {
        var planner = new TreePlanner(scope, slots, limits, report);
        var (root, _) = planner.Node(tree, "");
        return planner._failed ? null : new Plan(root, planner._locals);
    }

    /// <summary>A node, and whether it gives optional values.</summary>
    private (Node Node, bool IsOptional) Node(CelTree tree, string path)
    {
        if (tree.Text is { } text)
            return Leaf(text, path);
        if (!tree.Items.IsDefault)
        {
            var items = tree.Items.Select((item, i) => Node(item, $"{path}[{i}]")).ToArray();
            return (new ListNode([.. items.Select(i => i.Node)], [.. items.Select(i => i.IsOptional)]), false);
        }
        var entries = tree.Entries.Select(e => (e.Key, Value: Node(e.Value, path.Length == 0 ? e.Key : $"{path}.{e.Key}"))).ToArray();
        return (new MapNode([.. entries.Select(e => new MapNode.NodeEntry(new ConstantNode(CelValue.Of(e.Key)), e.Value.Node, e.Value.IsOptional))]), false);
    }

    private (Node Node, bool IsOptional) Leaf(string text, string path)
    {
        if (JsonNumber().IsMatch(text))
        {
            var digits = Encoding.UTF8.GetBytes(text);
            return (new ConstantNode(JsonSlice.ReadNumber(digits, 0, digits.Length)), false);
        }
        var problems = new List<CelProblem>();
        var compiled = Compiler.Compile(text, _scope, _slots, _limits, problems);
        foreach (var problem in problems)
            _report(path, problem);
        if (compiled is null)
        {
            _failed = true;
            return (new ConstantNode(default), false);
        }
        _locals = Math.Max(_locals, compiled.Plan.Locals);
        return (path.Length == 0 ? compiled.Plan.Root : new LeafNode(path, compiled.Plan.Root), compiled.Type.Kind == CelTypeKind.Optional);
    }

    /// <summary>Numbers that are written as JSON writes them stay as they are.</summary>
    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();

    /// <summary>A leaf: its errors say where in the tree it stands.</summary>
    private sealed class LeafNode(string path, Node node) : Node
    {
        public override CelValue Evaluate(Frame frame)
        {
            var value = node.Evaluate(frame);
            return value.IsError ? CelValue.Of(AtPath(value.Error!)) : value;
        }

        public override CelError? Write(Frame frame, Utf8JsonWriter json) => node.Write(frame, json) is { } error ? AtPath(error) : null;

        private CelError AtPath(CelError error) => error with { Message = $"{path}: {error.Message}" };
    }
}
