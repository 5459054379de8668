using System.Text;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Expressions.Planning;

/// <summary>
/// Turns a tree that the checker has seen into nodes that run. What it cannot find (the checker has reported it) becomes a node that gives an
/// error, so that unchecked expressions fail where they would use it, as CEL has it.
/// </summary>
internal sealed partial class Planner
{
    private readonly SlotTable _slots;
    private readonly Dictionary<string, int> _locals = new(StringComparer.Ordinal);
    private readonly Func<Expr, Node, Node>? _observe;
    // The loops over inputs that the plan is within, by the variable of the item.
    private readonly Dictionary<int, (SlotPath Input, int Row)> _rows = [];
    private int _count;

    private Planner(SlotTable slots, Func<Expr, Node, Node>? observe) => (_slots, _observe) = (slots, observe);

    /// <summary>Plans an expression.</summary>
    /// <param name="root">Its tree, annotated by the checker.</param>
    /// <param name="slots">Gets the inputs that it reads, beside those of other expressions.</param>
    /// <param name="observe">Puts something around each node that is not a constant, for explanations; null for nothing.</param>
    public static Plan Plan(Expr root, SlotTable slots, Func<Expr, Node, Node>? observe = null)
    {
        var planner = new Planner(slots, observe);
        return new Plan(planner.Node(root), planner._count);
    }

    private Node Node(Expr expression)
    {
        var node = Make(expression);
        return _observe is null || node is ConstantNode ? node : _observe(expression, node);
    }

    private Node Make(Expr expression) => expression switch
    {
        LiteralExpr literal => new ConstantNode(literal.Value),
        NameExpr name => Name(name),
        SelectExpr select => Select(select),
        CallExpr call => Call(call),
        ListExpr list => List(list),
        MapExpr map => Map(map),
        ComprehensionExpr loop => Loop(loop),
        _ => Fails(CelErrorKind.Undeclared, "Messages of protobuf are not supported."),
    };

    private static ConstantNode Fails(CelErrorKind kind, string message) => new(CelValue.Of(new CelError(kind, message)));

    private Node Name(NameExpr name)
    {
        if (name.Meaning is not ConstantDeclaration && _locals.TryGetValue(name.Name, out var local))
            return new LocalNode(local);
        return Meaning(name.Meaning) ?? Fails(CelErrorKind.Undeclared, $"The name '{name.Name}' is not declared.");
    }

    private Node? Meaning(Declaration? meaning) => meaning switch
    {
        ConstantDeclaration constant => new ConstantNode(constant.Value),
        VariableDeclaration variable => new SlotNode(_slots.Number(variable.Name)),
        LocalDeclaration local when _locals.TryGetValue(local.Name, out var number) => new LocalNode(number),
        _ => null,
    };

    private Node Select(SelectExpr select)
    {
        if (!select.IsTest && Meaning(select.Meaning) is { } whole)
            return whole;
        if (PathSlot(select) is { } slot)
            return select.IsTest ? new HasSlotNode(slot, Depth(slot)) : new SlotNode(slot);
        var operand = Node(select.Operand);
        if (select.IsTest)
            return new HasNode(operand, select.Field);
        var field = new FieldNode(operand, select.Field);
        return operand is LocalNode item && _rows.TryGetValue(item.Local, out var rows) ? new ColumnNode(rows.Row, rows.Input.Column(select.Field) + 1, field) : field;
    }

    private int Depth(int slot) => _slots.Paths[slot].Fields.Length - 1;

    /// <summary>The slot of a chain of fields below a variable that is read by path; null when the expression is none.</summary>
    private int? PathSlot(Expr expression)
    {
        var fields = new List<string>();
        for (var at = expression; ;)
        {
            switch (at)
            {
                case SelectExpr select when select.Meaning is null && (!select.IsTest || fields.Count == 0):
                    fields.Add(select.Field);
                    at = select.Operand;
                    break;
                case CallExpr { Function: Operators.Index, Arguments: [var operand, LiteralExpr { Value: { Kind: CelKind.String } key }] }:
                    fields.Add(Encoding.UTF8.GetString(key.AsSpan));
                    at = operand;
                    break;
                case NameExpr { Meaning: VariableDeclaration { ByPath: true } variable } when fields.Count > 0 && !_locals.ContainsKey(variable.Name):
                    fields.Reverse();
                    return _slots.Number(variable.Name, [.. fields]);
                default:
                    return null;
            }
        }
    }

    private Node List(ListExpr list)
    {
        var items = Array.ConvertAll(list.Items, Node);
        var optional = Enumerable.Range(0, items.Length).Any(list.IsOptional);
        if (!optional && Array.TrueForAll(items, i => i is ConstantNode { Value.IsError: false }))
            return new ConstantNode(CelValue.List(Array.ConvertAll(items, i => ((ConstantNode)i).Value)));
        return new ListNode(items, optional ? [.. Enumerable.Range(0, items.Length).Select(list.IsOptional)] : null);
    }

    private MapNode Map(MapExpr map) =>
        new([.. map.Entries.Select(e => new MapNode.NodeEntry(Node(e.Key), Node(e.Value), e.IsOptional))]);

    private Node Loop(ComprehensionExpr loop)
    {
        if (loop.Form == ComprehensionForm.Bind)
        {
            var value = Node(loop.Initial);
            return Within(loop.Accumulator, null, (variable, _) => new BindNode(variable, value, Node(loop.Body!)));
        }
        var source = FilterOf(loop) ?? loop;
        var range = Node(source.Range);
        return Within(loop.Variable, loop.Variable2, (first, second) =>
        {
            var row = Rows(range, second < 0 ? first : second);
            var predicate = source.Predicate is null ? null : Node(source.Predicate);
            var body = loop.Body is null ? null : Node(loop.Body);
            var over = new LoopRange(range, first, second, row);
            return (Node)(loop.Form switch
            {
                ComprehensionForm.All => new QuantifierNode(over, predicate!, stopsAt: false),
                ComprehensionForm.Exists => new QuantifierNode(over, predicate!, stopsAt: true),
                ComprehensionForm.ExistsOne => new ExistsOneNode(over, predicate!),
                ComprehensionForm.Map => new MapLoopNode(over, predicate, body!),
                ComprehensionForm.Filter => new MapLoopNode(over, predicate, new LocalNode(first)),
                ComprehensionForm.TransformMap => new TransformMapNode(over, predicate, body!),
                _ => new TransformEntryNode(over, predicate, body!),
            });
        });
    }

    /// <summary>The variable for the row of each item when a loop goes over an input; -1 when it does not.</summary>
    private int Rows(Node range, int item)
    {
        if (range is not SlotNode input)
            return -1;
        var path = _slots.Paths[input.Slot];
        path.Loop();
        _rows[item] = (path, _count);
        return _count++;
    }

    /// <summary>
    /// The filter of <c>list.filter(x, p).map(x, e)</c>, which is planned as <c>list.map(x, p, e)</c>, so that no list is made between; else null.
    /// </summary>
    private static ComprehensionExpr? FilterOf(ComprehensionExpr loop) =>
        loop is { Form: ComprehensionForm.Map, Predicate: null, Variable2: null, Range: ComprehensionExpr { Form: ComprehensionForm.Filter, Variable2: null } filter }
        && filter.Variable == loop.Variable ? filter : null;

    /// <summary>Plans a part in which names stand for new variables.</summary>
    private Node Within(string first, string? second, Func<int, int, Node> plan)
    {
        var (outerFirst, outerSecond) = (Declare(first), second is null ? null : Declare(second));
        var node = plan(_locals[first], second is null ? -1 : _locals[second]);
        if (second is not null)
            Restore(second, outerSecond);
        Restore(first, outerFirst);
        return node;

        int? Declare(string name)
        {
            int? outer = _locals.TryGetValue(name, out var number) ? number : null;
            _locals[name] = _count++;
            return outer;
        }

        void Restore(string name, int? outer)
        {
            if (outer is { } number)
                _locals[name] = number;
            else
                _locals.Remove(name);
        }
    }

    private Node Call(CallExpr call)
    {
        switch (call.Function)
        {
            case Operators.And:
                return new AndNode(Node(call.Arguments[0]), Node(call.Arguments[1]));
            case Operators.Or:
                return new OrNode(Node(call.Arguments[0]), Node(call.Arguments[1]));
            case Operators.Conditional:
                return new ConditionalNode(Node(call.Arguments[0]), Node(call.Arguments[1]), Node(call.Arguments[2]));
            case Operators.Index:
                return PathSlot(call) is { } slot ? new SlotNode(slot) : new IndexNode(Node(call.Arguments[0]), Node(call.Arguments[1]));
            case Operators.OptionalIndex:
                return new OptionalIndexNode(Node(call.Arguments[0]), Node(call.Arguments[1]));
            case Operators.OptionalSelect:
                return new OptionalIndexNode(Node(call.Arguments[0]), Node(call.Arguments[1]));
            case Operators.Equal or Operators.NotEqual:
                return Equality(Node(call.Arguments[0]), Node(call.Arguments[1]), call.Function == Operators.Equal);
            case Operators.In when Node(call.Arguments[1]) is ConstantNode { Value: { Kind: CelKind.List, IsJson: false } list }:
                return new InConstantNode(Node(call.Arguments[0]), list);
        }
        if (call.Meaning is not { } function)
            return Fails(CelErrorKind.Undeclared, $"The function '{call.Function}' is not declared.");
        Expr[] arguments = call.Target is null ? call.Arguments : [call.Target, .. call.Arguments];
        Overload[] candidates = [.. (call.Candidates.Count > 0 ? call.Candidates : function.Overloads).Where(o => o.Parameters.Length == arguments.Length && o.Run is not null)];
        if (call.Pattern is { } pattern)
            candidates = Array.ConvertAll(candidates, o => RegexLibrary.With(pattern, o));
        var nodes = Array.ConvertAll(arguments, Node);
        var target = new CallTarget(function.Name, candidates);
        return nodes switch
        {
            [] => new Call0Node(target),
            [var only] => new Call1Node(target, only),
            [var left, var right] when call is { Target: not null, Function: "or" or "orValue" } => new OtherwiseNode(target, left, right, opens: call.Function == "orValue"),
            [var left, var right] when Relation.Of(call.Function) is { } relation => new RelationNode(relation, target, left, right),
            [var left, var right] => new Call2Node(target, left, right),
            _ => new CallNode(target, nodes),
        };
    }

    private static Node Equality(Node left, Node right, bool isEqual)
    {
        if (left is ConstantNode { Value.Kind: CelKind.String })
            (left, right) = (right, left);
        return right is ConstantNode { Value: { Kind: CelKind.String } text } ? new EqualTextNode(left, text, isEqual) : new EqualNode(left, right, isEqual);
    }
}
