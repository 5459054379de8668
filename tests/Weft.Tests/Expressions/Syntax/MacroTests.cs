using Weft.Expressions;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;
using Weft.Tests.Expressions.Suite;

namespace Weft.Tests.Expressions.Syntax;

/// <summary>Macros beyond the standard ones: the trees they stand for, and the form that the planner reads.</summary>
public sealed class MacroTests
{
    [Theory]
    [InlineData("math.greatest(a)", "math.@max(a)")]
    [InlineData("math.greatest(a, b)", "math.@max(a,b)")]
    [InlineData("math.least(a, 1, 2.5)", "math.@min([a,1,2.5])")]
    [InlineData("math.least([1, a])", "math.@min([1,a])")]
    [InlineData("has(a.b.c)", "a.b.c~test-only~")]
    [InlineData("other.greatest(a)", "other.greatest(a)")]
    [InlineData("other.bind(a, 1, a)", "other.bind(a,1,a)")]
    [InlineData("a.all(b)", "a.all(b)")]
    [InlineData("all(a, b, c)", "all(a,b,c)")]
    public void Calls_stand_for_calls(string text, string expected) => Assert.Equal(expected, Parsing.Text(text));

    [Theory]
    [InlineData("a.all(k, v, p)", "k", "v", "true", "@not_strictly_false(@result)", "_&&_(@result,p)", "@result")]
    [InlineData("a.exists(k, v, p)", "k", "v", "false", "@not_strictly_false(!_(@result))", "_||_(@result,p)", "@result")]
    [InlineData("a.existsOne(k, v, p)", "k", "v", "0", "true", "_?_:_(p,_+_(@result,1),@result)", "_==_(@result,1)")]
    [InlineData("a.transformList(k, v, e)", "k", "v", "[]", "true", "_+_(@result,[e])", "@result")]
    [InlineData("a.transformList(k, v, p, e)", "k", "v", "[]", "true", "_?_:_(p,_+_(@result,[e]),@result)", "@result")]
    [InlineData("a.transformMap(k, v, e)", "k", "v", "{}", "true", "cel.@mapInsert(@result,k,e)", "@result")]
    [InlineData("a.transformMap(k, v, p, e)", "k", "v", "{}", "true", "_?_:_(p,cel.@mapInsert(@result,k,e),@result)", "@result")]
    [InlineData("a.transformMapEntry(k, v, {e: v})", "k", "v", "{}", "true", "cel.@mapInsert(@result,{e:v})", "@result")]
    [InlineData("a.transformMapEntry(k, v, p, {e: v})", "k", "v", "{}", "true", "_?_:_(p,cel.@mapInsert(@result,{e:v}),@result)", "@result")]
    [InlineData("a.map(v, p, e)", "v", null, "[]", "true", "_?_:_(p,_+_(@result,[e]),@result)", "@result")]
    public void Loops_have_the_parts_of_cel_go(string text, string first, string? second, string initial, string condition, string step, string result)
    {
        var loop = Loop(text);
        Assert.Equal((first, second, MacroNodes.Result), (loop.Variable, loop.Variable2, loop.Accumulator));
        Assert.Equal(["a", initial, condition, step, result], new[] { loop.Range, loop.Initial, loop.Condition, loop.Step, loop.Result }.Select(Print));
    }

    [Theory]
    [InlineData("a.all(x, p)", nameof(ComprehensionForm.All), "p", null)]
    [InlineData("a.exists(x, p)", nameof(ComprehensionForm.Exists), "p", null)]
    [InlineData("a.exists_one(x, p)", nameof(ComprehensionForm.ExistsOne), "p", null)]
    [InlineData("a.existsOne(x, y, p)", nameof(ComprehensionForm.ExistsOne), "p", null)]
    [InlineData("a.map(x, e)", nameof(ComprehensionForm.Map), null, "e")]
    [InlineData("a.map(x, p, e)", nameof(ComprehensionForm.Map), "p", "e")]
    [InlineData("a.filter(x, p)", nameof(ComprehensionForm.Filter), "p", null)]
    [InlineData("a.transformList(x, y, p, e)", nameof(ComprehensionForm.Map), "p", "e")]
    [InlineData("a.transformMap(x, y, p, e)", nameof(ComprehensionForm.TransformMap), "p", "e")]
    [InlineData("a.transformMapEntry(x, y, e)", nameof(ComprehensionForm.TransformMapEntry), null, "e")]
    [InlineData("cel.bind(x, a, e)", nameof(ComprehensionForm.Bind), null, "e")]
    public void Loops_say_what_the_planner_needs(string text, string form, string? predicate, string? body)
    {
        var loop = Loop(text);
        Assert.Equal(form, loop.Form.ToString());
        Assert.Equal(predicate, loop.Predicate is null ? null : Print(loop.Predicate));
        Assert.Equal(body, loop.Body is null ? null : Print(loop.Body));
    }

    [Fact]
    public void An_optional_is_found_once_and_mapped_when_it_has_a_value()
    {
        foreach (var (text, found) in new[] { ("a.?b.optMap(x, x + 1)", "optional.of"), ("a.?b.optFlatMap(x, x.?c)", "") })
        {
            var outer = Loop(text);
            Assert.Equal((ComprehensionForm.Bind, "_?._(a,\"b\")"), (outer.Form, Print(outer.Initial)));
            var choice = Assert.IsType<CallExpr>(outer.Body);
            Assert.Equal(["@optional.hasValue()", "optional.none()"], new[] { choice.Arguments[0], choice.Arguments[2] }.Select(Print));
            Assert.StartsWith(found, Print(choice.Arguments[1]), StringComparison.Ordinal);
        }
    }

    /// <summary>Only the tests of the suite have them.</summary>
    [Fact]
    public void Blocks_are_for_optimizers_only()
    {
        var registry = new Registry();
        BlockMacros.Register(registry);
        var loop = Assert.IsType<ComprehensionExpr>(Parser.Parse("cel.block([a, cel.index(0)], cel.index(1) + cel.iterVar(0, 1) + cel.accuVar(2, 3))", registry, CelLimits.Default, []));
        Assert.Equal(("@index0", "a"), (loop.Accumulator, Print(loop.Initial)));
        var inner = Assert.IsType<ComprehensionExpr>(loop.Body);
        Assert.Equal(("@index1", "@index0", "_+_(_+_(@index1,@it0:1),@ac2:3)"), (inner.Accumulator, Print(inner.Initial), Print(inner.Body!)));
        Assert.Equal("cel.block([a],cel.index(0))", Parsing.Text("cel.block([a], cel.index(0))"));
    }

    private static ComprehensionExpr Loop(string text) => Assert.IsType<ComprehensionExpr>(Parsing.Tree(text));

    private static string Print(Expr node) => TreeText.Of(node, _ => "");
}
