using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Expressions.Planning;

namespace Weft.Tests.Expressions.Data;

/// <summary>Trees of expressions as JSON.</summary>
public sealed class TreePlannerTests
{
    private const string Input = "{\"name\":\"Ada\",\"total\":1.10,\"lines\":[{\"id\":1,\"q\": 2.50},{\"id\":2}],\"none\":null}";

    private static readonly CelTree s_order = CelTree.Map(
        new("who", CelTree.Expression("x.name + '!'")),
        new("fixed", CelTree.List(CelTree.Expression("1.50"), CelTree.Expression("true"), CelTree.Expression("null"), CelTree.Expression("-7"), CelTree.Expression("1e2"))),
        new("total", CelTree.Expression("x.total")),
        new("lines", CelTree.Expression("x.lines.map(l, {'id': l.id, ?'q': l.?q})")),
        new("note", CelTree.Expression("x.?note")),
        new("deep", CelTree.Map(new KeyValuePair<string, CelTree>("a\"b", CelTree.Expression("x.lines[0]")))));

    [Fact]
    public void Leaves_are_evaluated_and_numbers_stay_as_written() => Assert.Equal(
        """{"who":"Ada!","fixed":[1.50,true,null,-7,1e2],"total":1.10,"lines":[{"id":1,"q":2.50},{"id":2}],"deep":{"a\"b":{"id":1,"q": 2.50}}}""",
        Write(s_order));

    [Fact]
    public void It_is_a_value_too()
    {
        var (plan, frame) = Plan(s_order);
        Assert.Equal(Write(s_order), DataRun.Json(plan.Evaluate(frame)));
    }

    [Fact]
    public void A_tree_may_be_one_expression() => Assert.Equal("[1,2]", Write(CelTree.Expression("x.lines.map(l, l.id)")));

    [Theory]
    [InlineData("x.no", "<a[1].b: No such key: 'no'.>")]
    [InlineData("1 / x.none", "<a[1].b: ")]
    [InlineData("{'k': [1, x.lines[7]]}", "<a[1].b: The index 7 is out of range.>")]
    [InlineData("lists.range(1000).all(i, lists.range(1000).all(j, lists.range(10).all(k, true)))", "<a[1].b: The expression makes more than")]
    public void An_error_names_its_leaf_and_nothing_comes_out(string leaf, string error) =>
        Assert.StartsWith(error, Write(CelTree.Map(new KeyValuePair<string, CelTree>("a",
            CelTree.List(CelTree.Expression("1"), CelTree.Map(new KeyValuePair<string, CelTree>("b", CelTree.Expression(leaf))))))));

    [Fact]
    public void All_mistakes_are_reported_with_their_leaf()
    {
        var problems = new List<(string, int)>();
        var tree = CelTree.Map(new("a", CelTree.List(CelTree.Expression("1"), CelTree.Expression("1 +"))), new("b", CelTree.Expression("y.z")), new("c", CelTree.Expression("x")));
        Assert.Null(TreePlanner.Plan(tree, DataRun.Scope, new SlotTable(), CelLimits.Default, (path, problem) => problems.Add((path, problem.Start))));
        Assert.Equal([("a[1]", 3), ("b", 0)], problems);
    }

    private static string Write(CelTree tree)
    {
        var (plan, frame) = Plan(tree);
        using var buffer = new JsonBuffer();
        return DataRun.Json(buffer, plan, frame);
    }

    private static (Plan Plan, Frame Frame) Plan(CelTree tree)
    {
        var slots = new SlotTable();
        var plan = TreePlanner.Plan(tree, DataRun.Scope, slots, CelLimits.Default, (path, problem) => Assert.Fail($"{path}: {problem.Message}"));
        var frame = DataRun.Frame(slots, plan!);
        DataRun.Fill(slots, frame, Input);
        return (plan!, frame);
    }
}
