using System.Globalization;
using CsCheck;
using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Data;
using Weft.Expressions.Library;
using Weft.Expressions.Planning;

namespace Weft.Tests.Expressions.Data;

/// <summary>What loops read of items that were read with the input is what they read of items that were not.</summary>
public sealed class JsonRowsTests
{
    private static readonly Scope s_whole = new(Libraries.All, [new VariableDeclaration("x", CelType.Dyn)]);

    private static readonly string[] s_expressions =
    [
        "x.l.map(i, i)", "x.l.map(i, i.a)", "x.l.filter(i, i.a == 1).map(i, i.b)", "x.l.filter(i, has(i.a))", "x.l.all(i, i.a == 1 || i.b == 1)", "x.l.exists(i, i.a == 'é')",
        "x.l.exists_one(i, i == 1)", "x.l.transformList(n, i, [n, i.b])", "x.l.map(i, x.l.map(j, [i.a, j.b]))", "x.l.map(i, i.a.map(j, j.b))", "x.l.map(i, i['a'])",
        "x.l.map(i, i.a.b)", "x.l.map(i, i.?a.orValue(0))", "size(x.l) + size(x.l.map(i, i.a))", "x.l.transformMap(n, i, i.a)",
    ];

    [Fact]
    public void Loops_give_the_same() =>
        Gen.Select(Values.TestValues.Among(s_expressions), Item(2).Array[0, 6]).Sample((expression, items) => AssertSame(expression, $"[{string.Join(" , ", items)} ]"), iter: 5000);

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":[{\"a\":1}]}")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("[{\"a\":1,\"a\":2},{\"a\":\"\\ud800\",\"a\":2},{}]")]
    public void Whatever_the_input_is(string json) => Assert.All(s_expressions, expression => AssertSame(expression, json));

    [Theory]
    [InlineData(JsonRows.MaxValues / 2)]
    [InlineData(JsonRows.MaxValues)]
    public void A_long_list(int count)
    {
        var json = $"[{string.Join(',', Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{\"a\":{i},\"b\":1}}")))}]";
        AssertSame("x.l.map(i, i.a)", json);
        AssertSame("x.l.filter(i, i.a > 5000)", json);
    }

    [Fact]
    public void Too_deep_an_item_is_refused()
    {
        var frame = Fill(out var plan, "x.l.map(i, i.a)", $"[{{\"a\":{new string('[', 61)}{new string(']', 61)}}}]");
        Assert.False(plan.Evaluate(frame).IsError);
        frame = Fill(out plan, "x.l.map(i, i.a)", $"[{{\"a\":{new string('[', 62)}{new string(']', 62)}}}]");
        Assert.Equal("<The data is no JSON.>", DataRun.Json(plan.Evaluate(frame)));
    }

    [Theory]
    [InlineData("[{\"a\":1}")]
    [InlineData("[{\"a\":1},]")]
    [InlineData("[{\"a\":1,}]")]
    [InlineData("[{\"a\":1} {\"a\":1}]")]
    [InlineData("[{\"a\":tru}]")]
    [InlineData("[{\"b\":01}]")]
    [InlineData("[{\"b\" 1}]")]
    [InlineData("[,1]")]
    public void What_is_no_JSON_says_so(string json) =>
        Assert.Equal("<The data is no JSON.>", DataRun.Json(Fill(out var plan, "x.l.map(i, i.a)", json) is var frame ? plan.Evaluate(frame) : default));

    [Fact]
    public void Rows_of_an_earlier_input_are_forgotten()
    {
        var frame = Fill(out var plan, "x.l.map(i, i.a)", "[{\"a\":1}]", out var paths);
        foreach (var (json, expected) in new[] { ("[{\"a\":2},{\"a\":3}]", "[2,3]"), ("[]", "[]"), ("{\"k\":1}", "<"), ("[{\"a\":1}", "<The data is no JSON.>"), ("[{\"a\":4}]", "[4]") })
        {
            frame.Inputs.Reset();
            paths.Fill(Document(json), isTrusted: false, frame);
            Assert.StartsWith(expected, DataRun.Json(plan.Evaluate(frame)), StringComparison.Ordinal);
        }
        paths.Miss(frame);
        Assert.True(plan.Evaluate(frame).IsError);
        paths.Set(CelValue.Of("text"), frame);
        Assert.True(plan.Evaluate(frame).IsError);
    }

    [Fact]
    public void Rounds_are_steps()
    {
        var slots = new SlotTable();
        var plan = Compiler.Compile("x.l.all(i, i.a == 1)", DataRun.Scope, slots, CelLimits.Default, [])!.Plan;
        var frame = new Frame(slots.Paths.Count, plan.Locals, CelLimits.Default with { MaxSteps = 10 });
        new JsonPaths(slots.Paths, depth: 0).Fill(Document($"[{string.Join(',', Enumerable.Repeat("{\"a\":1}", 20))}]"), isTrusted: false, frame);
        Assert.Equal(CelErrorKind.Limit, plan.Evaluate(frame).Error?.Kind);
    }

    private static Gen<string> Item(int depth)
    {
        var scalar = Values.TestValues.Among("null", "true", "1", "1.50", "\"\"", "\"\\u00e9\"", "\"\\ud800\"", "{}", "[]");
        if (depth == 0)
            return scalar;
        var below = Item(depth - 1);
        var name = Values.TestValues.Among("a", "\\u0061", "b", "c", "ab");
        var map = Gen.Select(name, below).Array[0, 4].Select(entries => $"{{{string.Join(" ,", entries.Select(e => $" \"{e.Item1}\" : {e.Item2}"))} }}");
        return Gen.Frequency((2, scalar), (1, below.Array[0, 3].Select(items => $"[{string.Join(", ", items)} ]")), (6, map));
    }

    private static void AssertSame(string expression, string json)
    {
        var byRows = Fill(out var plan, expression, json);
        var slots = new SlotTable();
        var whole = Compiler.Compile(expression, s_whole, slots, CelLimits.Default, [])!.Plan;
        var byItems = DataRun.Frame(slots, whole);
        byItems.Slots[0] = CelValue.FromJson(Document(json));
        Assert.Equal(Show(whole, byItems), Show(plan, byRows));
    }

    /// <summary>The value, and what is written of it without making it first; what was not there has other words when it was read by path.</summary>
    private static string Show(Plan plan, Frame frame)
    {
        using var buffer = new JsonBuffer();
        return $"{DataRun.Json(plan.Evaluate(frame))} {DataRun.Json(buffer, plan, frame)}";
    }

    private static ArraySegment<byte> Document(string json) => DataRun.InPage($"{{\"l\":{json},\"more\":0}}");

    private static Frame Fill(out Plan plan, string expression, string json) => Fill(out plan, expression, json, out _);

    private static Frame Fill(out Plan plan, string expression, string json, out JsonPaths paths)
    {
        var slots = new SlotTable();
        plan = Compiler.Compile(expression, DataRun.Scope, slots, CelLimits.Default, [])!.Plan;
        var frame = DataRun.Frame(slots, plan);
        paths = new JsonPaths(slots.Paths, depth: 0);
        paths.Fill(Document(json), isTrusted: false, frame);
        return frame;
    }
}
