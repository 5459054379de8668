using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Library;
using Weft.Expressions.Planning;
using Weft.Expressions.Syntax;

namespace Weft.Tests.Expressions.Library;

/// <summary>The libraries in whole expressions: parsed, checked, planned and run.</summary>
public sealed class LibraryExpressionTests
{
    private static readonly Registry s_registry = MakeRegistry();

    [Theory]
    [InlineData("'tacocat'.substring(1, 3).upperAscii() + '%03s%d'.replace('03', '').format(['x', 7])", "'ACx7'")]
    [InlineData("' a,b , c '.split(',').map(x, x.trim()).join('|')", "'a|b|c'")]
    [InlineData("math.greatest(1, 2.5, 2u) == 2.5 && math.least([3, 1, 2]) == 1", "true")]
    [InlineData("[{'n': 'a', 'p': 3}, {'n': 'b', 'p': 1}, {'n': 'c', 'p': 1}].sortBy(x, x.p).map(x, x.n)", "['b', 'c', 'a']")]
    [InlineData("[3, -1, 2].sortBy(x, [x, 0].map(y, y * y).sort().reverse().first().value())", "[-1, 2, 3]")]
    [InlineData("[].sortBy(x, x)", "[]")]
    [InlineData("lists.range(4).map(x, [x, x]).flatten().distinct().slice(1, 3)", "[1, 2]")]
    [InlineData("sets.equivalent([1, 2], [2, 1.0])", "true")]
    [InlineData("optional.ofNonZeroValue('').or(optional.of('x')).orValue('y')", "'x'")]
    [InlineData("[optional.of(1), optional.none()].unwrapOpt()", "[1]")]
    [InlineData("optional.of(1).orValue(1 / 0)", "1")]
    [InlineData("optional.of(1).or(optional.of(1 / 0))", "optional(1)")]
    [InlineData("optional.of(1).or(dyn(2))", "optional(1)")]
    [InlineData("{'a': 1}.?a.or({'a': 2}.?b).orValue([1][2])", "1")]
    [InlineData("optional.of(true).orValue(lists.range(1000).all(a, lists.range(1000).all(b, false || a < b || true)))", "true")]
    [InlineData("type(optional.none()) == optional_type", "true")]
    [InlineData("base64.decode(base64.encode(b'hello')) == b'hello'", "true")]
    [InlineData("{'a': 1, 'b': 2}.with({'b': 3}).without('a')", "{'b': 3}")]
    [InlineData("merge({'a': 1}, {'b': 2}).pick(['b', 'z'])", "{'b': 2}")]
    [InlineData("hash('abc', 'xxh64')", "'44bc2cf5ad770999'")]
    [InlineData("'%s'.format([{'b': [1.5, null], 'a': type(1)}])", "'{a: int, b: [1.5, null]}'")]
    public void Run(string expression, string expected)
    {
        var problems = new List<CelProblem>();
        var tree = Parser.Parse(expression, s_registry, CelLimits.Default, problems);
        Assert.Empty(problems);
        Checker.Check(tree!, new Scope(s_registry, []), problems);
        Assert.Empty(problems);
        var plan = Planner.Plan(tree!, new SlotTable());

        Assert.Equal(expected, new LibraryCalls().Show(plan.Evaluate(new Frame(0, plan.Locals, CelLimits.Default))));
    }

    [Theory]
    [InlineData("optional.none().orValue(1 / 0)", "Division by zero.")]
    [InlineData("optional.none().or(dyn(1))", "'or' does not take optional and int.")]
    [InlineData("dyn(1).orValue(2)", "'orValue' does not take int and int.")]
    [InlineData("dyn(1 / 0).orValue(2)", "Division by zero.")]
    [InlineData("dyn('a') > 1", "'>' does not take string and int. Convert one side: string(…) or int(…).")]
    [InlineData("dyn(timestamp(0)) > '2026'", "'>' does not take timestamp and string. Read the text: timestamp(…).")]
    [InlineData("dyn([1]).length", "A list has no field 'length'")]
    [InlineData("dyn(null).a", "A value of type null has no fields and no items. Ask before")]
    [InlineData("[1, decimal('2'), dyn(1.5)].sum()", "Convert the items first")]
    [InlineData("['a'].map(x, dyn(x)).sum()", "sum() adds numbers of types")]
    public void Fail(string expression, string message)
    {
        var value = CelEnvironment.Default.Compile(expression).Evaluate();
        Assert.Contains(message, value.Error?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1, 2].sum() + [1].map(x, dyn(x)).sum()", "4")]
    [InlineData("[1, 2.5].sum()", "3.5")]
    [InlineData("[decimal('0.10'), decimal('0.20')].sum()", "decimal('0.30')")]
    [InlineData("['1h', '30m'].map(x, duration(x)).sum()", "duration('5400s')")]
    [InlineData("[9223372036854775807, 1].sum()", "error: The result is out of range.")]
    [InlineData("[1].filter(x, false).map(x, decimal(x)).sum()", "decimal('0')")]
    [InlineData("[].sum()", "0")]
    public void Sums(string expression, string expected) => Assert.Equal(expected, CelEnvironment.Default.Compile(expression).Evaluate().ToString());

    private static Registry MakeRegistry()
    {
        var registry = LibraryCalls.MakeRegistry();
        LoopMacros.Register(registry);
        BindMacros.Register(registry);
        MathMacros.Register(registry);
        StandardLibrary.Register(registry);
        return registry;
    }
}
