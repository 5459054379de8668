using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Tests.Expressions.Checking;

public sealed class CheckerTests
{
    private static readonly Scope s_scope = MakeScope();

    [Theory]
    [InlineData("type == 'OrderCreated' && data.total > 1000 && data.country in ['DE', 'FR']", "bool")]
    [InlineData("data.total", "dyn")]
    [InlineData("data.total * 2", "dyn")]
    [InlineData("data.total * 1.5", "double")]
    [InlineData("1 + 1.5", "double")]
    [InlineData("price * 2", "decimal")]
    [InlineData("price > 1.5", "bool")]
    [InlineData("1 == 1.0", "bool")]
    [InlineData("count > 1.5 ? 'a' : 'b'", "string")]
    [InlineData("tags.map(t, size(t))", "list(int)")]
    [InlineData("tags.filter(type, type != '')", "list(string)")]
    [InlineData("{'a': 1, 'b': 'c'}", "map(string, dyn)")]
    [InlineData("{'a': 1}.map(k, k)", "list(string)")]
    [InlineData("cel.bind(x, tags, x[0])", "string")]
    [InlineData("tags.transformMap(i, t, t + '!')", "map(int, string)")]
    [InlineData("tags.transformMapEntry(i, t, {t: i})", "map(string, int)")]
    [InlineData("data.?a.orValue(0)", "dyn")]
    [InlineData("tags[?0].orValue('')", "string")]
    [InlineData("[?tags[?0], 'x']", "list(string)")]
    [InlineData("{?'a': tags[?0]}", "map(string, string)")]
    [InlineData("has(data.total)", "bool")]
    [InlineData("math.abs(count)", "int")]
    [InlineData("request.headers.size()", "int")]
    [InlineData(".type", "string")]
    [InlineData("tags.map(type, .type)", "list(string)")]
    public void The_type_is_found(string text, string type)
    {
        var tree = Check(text, s_scope, out var problems);
        Assert.Empty(problems.Select(problem => problem.Message));
        Assert.Equal(type, tree.Type!.ToString());
    }

    [Theory]
    [InlineData("tipe == 'a'", "tipe", "Unknown name 'tipe'. Did you mean 'type'?")]
    [InlineData("true && xyzzy", "xyzzy", "Unknown name 'xyzzy'. Here are: count, data, price, request.headers, request.path, tags and others.")]
    [InlineData("request == 1", "request", "'request' is no name by itself. Names that begin with it: request.headers, request.path.")]
    [InlineData("size == 1", "size", "'size' is a function: call it with parentheses.")]
    [InlineData("type.startWith('a')", "startWith", "Unknown function 'startWith'. Did you mean 'startsWith'?")]
    [InlineData("1 + sise(tags)", "sise", "Unknown function 'sise'. Did you mean 'size'?")]
    [InlineData("tags.exist(t, true)", "exist", "Did you mean 'exists'?")]
    [InlineData("tags.any(t, t == '')", "any", "Unknown function 'any'. Write list.exists(x, …).")]
    [InlineData("type.toLowerCase()", "toLowerCase", "Unknown function 'toLowerCase'. Write text.lowerAscii().")]
    [InlineData("type.foo()", "foo", "Unknown function 'foo'.")]
    [InlineData("math.nothing(1)", "math.nothing", "Unknown function 'math.nothing'. There are: math.abs, ")]
    [InlineData("count == nil", "nil", "Unknown name 'nil'. Write null.")]
    [InlineData("count > now", "now", "expressions have no clock")]
    [InlineData("body.x == 1", "body", "Unknown name 'body'. Here are: count, ")]
    [InlineData("tags.all(t)", "all", "'all' does not take 1 argument.")]
    [InlineData("math.asb(1)", "math.asb", "Unknown function 'math.asb'. Did you mean 'math.abs'?")]
    [InlineData("'a' + 1", "+", "'+' does not take string + int. It takes string + string, int + int, double + int, decimal + int and others. Make a text of the other side: string(…).")]
    [InlineData("type > 1", ">", "Convert one side: string(…) or int(…).")]
    [InlineData("count == null", "==", "dyn(…) lifts the check.")]
    [InlineData("price + 1.5", "+", "Convert one side: decimal(…) or double(…).")]
    [InlineData("'a' in 'abc'", "in", "To look for a text in a text: text.contains(part).")]
    [InlineData("count.contains('a')", "contains", "'contains' does not take int.contains(string). It takes string.contains(string).")]
    [InlineData("contains(type, 'a')", "contains", "'contains' does not take contains(string, string). It takes string.contains(string).")]
    [InlineData("true ? 1 : 'a'", "?", "Both results must have one type; dyn(…) lifts that.")]
    [InlineData("count && true", "count", "Here a bool is wanted; this is int. Compare it: … != 0.")]
    [InlineData("type ? 1 : 2", "type", "Here a bool is wanted; this is string. Compare it: … != ''.")]
    [InlineData("tags.all(t, t)", "t", "Here a bool is wanted; this is string.")]
    [InlineData("tags.filter(t, size(t))", "size(t)", "Here a bool is wanted; this is int.")]
    [InlineData("!tags", "tags", "Here a bool is wanted; this is list(string). Ask for its size: size(…) > 0.")]
    [InlineData("count.map(c, c)", "count", "Only lists and maps have items to walk through; this is int.")]
    [InlineData("count.total", "total", "An int has no fields, so 'total' cannot be taken from it. Maps have.")]
    [InlineData("tags['a']", "[", "'[' does not take list(string)[string].")]
    [InlineData("-type", "-", "'-' does not take -string. It takes -double, -int, -decimal.")]
    [InlineData("[?count]", "count", "Behind '?' an optional value is wanted; this is int.")]
    [InlineData("Order{id: 1}", "Order", "'Order' would be a message of protobuf, which Weft does not support. Write a map: {'name': value}.")]
    public void Problems_point_at_their_place_and_name_the_remedy(string text, string place, string message)
    {
        Check(text, s_scope, out var problems);
        var problem = Assert.Single(problems);
        Assert.Equal(place, text.Substring(problem.Start, problem.Length));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_found_and_none_follows_from_another()
    {
        Check("unknown + 1 > 2 && 'a' + 1 == 'b' && nothing(unknown.x)", s_scope, out var problems);
        Assert.Equal(4, problems.Count);
    }

    [Fact]
    public void Names_of_the_container_come_first_and_those_of_loops_before_all()
    {
        var scope = new Scope(Library(), [Variable("x", CelType.Int), Variable("a.x", CelType.Bool), Variable("a.b.x", CelType.String), Variable("a.y.z", CelType.Bytes)], "a.b");
        Assert.Equal(CelType.String, Check("x", scope, out _).Type);
        Assert.Equal(CelType.Int, Check(".x", scope, out _).Type);
        Assert.Equal(CelType.Bytes, Check("y.z", scope, out _).Type);
        Assert.Equal(CelType.List(CelType.Double), Check("[1.5].map(x, x)", scope, out _).Type);
        Assert.Equal(CelType.List(CelType.Int), Check("[{'z': 1}].map(y, y.z)", scope, out _).Type);
        var name = Assert.IsType<NameExpr>(Check("x", scope, out _));
        Assert.Equal("a.b.x", name.Meaning!.Name);
        var select = Assert.IsType<SelectExpr>(Check("y.z", scope, out _));
        Assert.Equal("a.y.z", select.Meaning!.Name);
    }

    [Fact]
    public void The_longest_name_with_dots_counts()
    {
        var scope = new Scope(Library(), [Variable("a", CelType.Object), Variable("a.b", CelType.Object), Variable("a.b.c", CelType.Int)]);
        Assert.Equal(CelType.Int, Check("a.b.c", scope, out _).Type);
        Assert.Equal(CelType.Dyn, Check("a.b.d", scope, out _).Type);
        var select = Assert.IsType<SelectExpr>(Check("a.b.d", scope, out _));
        Assert.Null(select.Meaning);
        Assert.Equal("a.b", Assert.IsType<SelectExpr>(select.Operand).Meaning!.Name);
        Assert.Equal(CelType.Dyn, Check("a.x", scope, out var problems).Type);
        Assert.Empty(problems);
    }

    [Fact]
    public void A_namespace_is_no_target()
    {
        var call = Assert.IsType<CallExpr>(Check("math.abs(count)", s_scope, out _));
        Assert.Null(call.Target);
        Assert.Equal("math.abs", call.Function);
        Assert.Equal("math_abs_int", Assert.Single(call.Candidates).Id);
        // A variable of a loop is not.
        Check("[{'abs': 1}].map(math, math.abs(1))", s_scope, out var problems);
        Assert.Single(problems);
    }

    [Fact]
    public void A_tree_with_problems_can_still_be_planned()
    {
        var call = Assert.IsType<CallExpr>(Check("unknown.a + 'x'", s_scope, out var problems));
        Assert.Single(problems);
        Assert.NotEmpty(call.Candidates);
        var wrong = Assert.IsType<CallExpr>(Check("type + 1", s_scope, out _));
        Assert.NotNull(wrong.Meaning);
        Assert.Equal(wrong.Meaning.Overloads, wrong.Candidates);
        var member = Assert.IsType<CallExpr>(Check("count.contains('a')", s_scope, out _));
        Assert.Equal("contains_string", Assert.Single(member.Candidates).Id);
        var none = Assert.IsType<CallExpr>(Check("nothing(1)", s_scope, out _));
        Assert.Null(none.Meaning);
        Assert.Empty(none.Candidates);
        Assert.Equal(CelType.Int, none.Arguments[0].Type);
    }

    private static Expr Check(string text, Scope scope, out List<CelProblem> problems)
    {
        problems = [];
        var tree = Parser.Parse(text, scope.Registry, CelLimits.Default, problems);
        Assert.True(tree is not null, problems.FirstOrDefault()?.Message);
        Checker.Check(tree, scope, problems);
        return tree;
    }

    private static Scope MakeScope() => new(Library(),
    [
        Variable("type", CelType.String), Variable("data", CelType.Object), Variable("count", CelType.Int), Variable("price", CelType.Decimal),
        Variable("tags", CelType.List(CelType.String)), Variable("request.path", CelType.String),
        Variable("request.headers", CelType.Map(CelType.String, CelType.String)),
    ]);

    private static VariableDeclaration Variable(string name, CelType type) => new(name, type);

    private static Registry Library()
    {
        var registry = new Registry();
        foreach (var register in (Action<Registry>[])
            [LoopMacros.Register, LoopMacros.RegisterTwoVariables, BindMacros.Register, StandardLibrary.Register, MixedNumbers.Register, OptionalLibrary.Register, MathLibrary.Register])
            register(registry);
        return registry;
    }
}
