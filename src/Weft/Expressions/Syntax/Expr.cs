using Weft.Expressions.Library;

namespace Weft.Expressions.Syntax;

/// <summary>
/// A node of a parsed expression. Parser and macros make it, the checker fills in <see cref="Type"/> and the references, the planner turns
/// it into something that runs.
/// </summary>
/// <param name="id">A number that is unique within the expression, given in the order of cel-go's parser.</param>
/// <param name="place">Where it stands in the text.</param>
internal abstract class Expr(int id, TextSpan place)
{
    public int Id { get; } = id;

    public TextSpan Place { get; } = place;

    /// <summary>Its type, once it is checked.</summary>
    public CelType? Type { get; set; }
}

/// <summary>A stretch of the text of an expression, in UTF-16 units.</summary>
/// <param name="Start">From the start of the text.</param>
/// <param name="Length">How long.</param>
/// <param name="Point">Where an error points to: the operator or the parenthesis of a call, else the start.</param>
internal readonly record struct TextSpan(int Start, int Length, int Point)
{
    public int End => Start + Length;
}

/// <summary>A value that stands in the text.</summary>
internal sealed class LiteralExpr(int id, TextSpan place, CelValue value) : Expr(id, place)
{
    public CelValue Value { get; } = value;
}

/// <summary>A name. It may begin with a dot, which means that it does not belong to the container.</summary>
internal sealed class NameExpr(int id, TextSpan place, string name) : Expr(id, place)
{
    public string Name { get; } = name;

    /// <summary>What the name means, once it is checked; null when it means nothing.</summary>
    public Declaration? Meaning { get; set; }
}

/// <summary>A field of a value: <c>a.b</c>, or with <see cref="IsTest"/> <c>has(a.b)</c>.</summary>
internal sealed class SelectExpr(int id, TextSpan place, Expr operand, string field, bool isTest) : Expr(id, place)
{
    public Expr Operand { get; } = operand;

    public string Field { get; } = field;

    public bool IsTest { get; } = isTest;

    /// <summary>What the whole dotted name means when it is one name (<c>google.protobuf.Timestamp</c>); null when it is a field.</summary>
    public Declaration? Meaning { get; set; }
}

/// <summary>A call of a function or an operator; operators have the names of <see cref="Operators"/>.</summary>
internal sealed class CallExpr(int id, TextSpan place, string function, Expr? target, params Expr[] arguments) : Expr(id, place)
{
    /// <summary>The name as it is written; the checker sets the whole name when <see cref="Target"/> was only its first part.</summary>
    public string Function { get; set; } = function;

    /// <summary>What the function is called on; null for global functions and operators.</summary>
    public Expr? Target { get; set; } = target;

    public Expr[] Arguments { get; } = arguments;

    /// <summary>The function that is called, once it is checked; null when there is none with that name.</summary>
    public Function? Meaning { get; set; }

    /// <summary>The overloads that the arguments may mean, once it is checked; empty when none fits.</summary>
    public IReadOnlyList<Overload> Candidates { get; set; } = [];

    /// <summary>The regular expression that the call takes, once it is checked, when it stands in the text; else null.</summary>
    public CompiledRegex? Pattern { get; set; }
}

/// <summary>A list. Items marked in <paramref name="optional"/> are left out when their optional value is none: <c>[?a]</c>.</summary>
internal sealed class ListExpr(int id, TextSpan place, Expr[] items, bool[]? optional = null) : Expr(id, place)
{
    public Expr[] Items { get; } = items;

    public bool IsOptional(int index) => optional is not null && optional[index];
}

/// <summary>A map.</summary>
internal sealed class MapExpr(int id, TextSpan place, MapEntry[] entries) : Expr(id, place)
{
    public MapEntry[] Entries { get; } = entries;
}

/// <summary>An entry of a map.</summary>
internal sealed record MapEntry(int Id, Expr Key, Expr Value, bool IsOptional);

/// <summary>A message of protobuf. Weft parses it, so that the error can say that it is not supported.</summary>
internal sealed class StructExpr(int id, TextSpan place, string typeName, StructField[] fields) : Expr(id, place)
{
    public string TypeName { get; } = typeName;

    public StructField[] Fields { get; } = fields;
}

/// <summary>A field of a <see cref="StructExpr"/>.</summary>
internal sealed record StructField(int Id, string Name, Expr Value, bool IsOptional);

/// <summary>
/// A comprehension: what a macro expands to. For each item of <see cref="Range"/>, while <see cref="Condition"/> holds, the accumulator
/// becomes <see cref="Step"/>; then <see cref="Result"/> is its value.
/// </summary>
/// <remarks>The planner reads <see cref="Form"/> and takes a loop made for it; the parts are there for the checker and for printing.</remarks>
internal sealed class ComprehensionExpr(int id, TextSpan place, ComprehensionForm form) : Expr(id, place)
{
    /// <summary>Which macro it was.</summary>
    public ComprehensionForm Form { get; } = form;

    public required Expr Range { get; init; }

    /// <summary>The name of the item; with two variables of the index or key.</summary>
    public required string Variable { get; init; }

    /// <summary>With two variables the name of the item or value; else null.</summary>
    public string? Variable2 { get; init; }

    /// <summary>The name of the accumulator.</summary>
    public required string Accumulator { get; init; }

    public required Expr Initial { get; init; }

    public required Expr Condition { get; init; }

    public required Expr Step { get; init; }

    public required Expr Result { get; init; }

    /// <summary>The predicate that the macro was given; null when it has none.</summary>
    public Expr? Predicate { get; init; }

    /// <summary>The expression for each item (of <c>map</c>, <c>transformList</c>…) or the body of a binding; null when it has none.</summary>
    public Expr? Body { get; init; }
}

/// <summary>The forms of comprehensions: one for each macro, with one variable or two.</summary>
internal enum ComprehensionForm
{
    All,
    Exists,
    ExistsOne,

    /// <summary><c>map</c> and <c>transformList</c>, with or without predicate.</summary>
    Map,
    Filter,

    /// <summary><c>transformMap</c>: the values change, the keys stay.</summary>
    TransformMap,

    /// <summary><c>transformMapEntry</c>: each round makes a map whose entries are added.</summary>
    TransformMapEntry,

    /// <summary><c>cel.bind</c>: <see cref="ComprehensionExpr.Initial"/> has the value, <see cref="ComprehensionExpr.Body"/> uses it by the name of the accumulator.</summary>
    Bind,
}
