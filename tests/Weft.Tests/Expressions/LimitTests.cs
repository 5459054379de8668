using System.Globalization;
using System.Text;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Expressions.Planning;

namespace Weft.Tests.Expressions;

/// <summary>
/// Evil expressions are stopped by steps and bytes that are counted, never by a clock: with an error that nothing absorbs, a text that says
/// which limit it was, and memory that stays near the limit.
/// </summary>
public sealed class LimitTests
{
    private const long MaxBytes = 1 << 20;

    private static readonly CelEnvironment s_environment = CelEnvironment.Default
        .With(new CelLimits { MaxBytes = MaxBytes, MaxSteps = 100_000 })
        .With("data", CelType.Object);

    private static readonly string s_thousand = $"[{string.Join(",", Enumerable.Range(0, 1000))}]";

    /// <summary>Expressions that take more steps than they may.</summary>
    public static TheoryData<string> ManySteps =>
    [
        $"{s_thousand}.all(a, {s_thousand}.all(b, {s_thousand}.all(c, true)))",
        $"{s_thousand}.map(a, {s_thousand}.map(b, {s_thousand}.filter(c, false)))",
        $"{s_thousand}.exists(a, {s_thousand}.exists_one(b, a + b < 0))",
        $"{s_thousand}.transformMap(i, v, {s_thousand}.all(b, b >= 0))",
        "lists.range(1000).all(a, lists.range(1000).all(b, true))",
        "lists.range(20000).distinct() == []",
        "lists.range(1000).all(i, data.text == data.text2)",
        "lists.range(1000).all(i, data.text <= data.text2)",
        "lists.range(1000).all(i, data.text.startsWith(data.text2))",
        "lists.range(1000).all(i, data.text.endsWith(data.text2))",
        "lists.range(1000).all(i, !(data.text in {'a': 1}))",
        "lists.range(1000).all(i, !(data.text in ['a', 'b']))",
        "lists.range(1000).all(i, {'a': 1}[?data.text] == optional.none())",
        "lists.range(1000).all(i, !(data.text in {'a':1, 'b':1, 'c':1, 'd':1, 'e':1, 'f':1, 'g':1, 'h':1, 'i':1, 'j':1}))",
        "lists.range(1000).all(i, data.text.contains(data.text2))",
        "lists.range(1000).all(i, size(data.text) > 0)",
        "lists.range(1000).all(i, data.text.matches('(a|aa)+$'))",
        "lists.range(1000).all(i, data.wide.exists(x, true))",
        "lists.range(1000).all(i, data.wide.all(x, size(x) > 0))",
        "lists.range(1000).all(i, !(1 in data.wide))",
        "lists.range(1000).all(i, data.wide != data.wide2)",
        "lists.range(1000).all(i, data.all(k, true))",
        "lists.range(1000).all(i, data.all(k, v, true))",
        "lists.range(1000).all(i, data.missing == 1)",
        "lists.range(1000).all(i, size(data.wide + data.wide) > 0)",
    ];

    /// <summary>Expressions that make more bytes than they may.</summary>
    public static TheoryData<string> ManyBytes =>
    [
        Doubling("data.text", "{0} + {0}", 12),
        Doubling("[1]", "{0} + {0}", 18),
        Doubling("'ab'", "{0}.replace('', {0})", 10),
        Doubling("'a'", "[{0}, {0}, {0}, {0}].join({0})", 12),
        Doubling("'%s%s%s'", "{0}.format([{0}, {0}, {0}])", 2).Replace("'%s%s%s'", "data.text.replace('a', '%s')", StringComparison.Ordinal),
        "data.text.replace('a', data.text)",
        "data.text.replace('', data.text)",
        "data.text.split('').join(data.text)",
        "lists.range(1000).map(i, data.text).join('')",
        "'%s'.format([lists.range(1000).map(i, data.text)])",
        "lists.range(1000).map(i, data.text + string(i))",
        "base64.encode(bytes(data.text + data.text + data.text + data.text + data.text + data.text + data.text + data.text))",
    ];

    private static string Doubling(string first, string step, int times)
    {
        var text = new StringBuilder();
        for (var i = 0; i < times; i++)
            text.Append(CultureInfo.InvariantCulture, $"cel.bind(v{i}, {(i == 0 ? first : string.Format(CultureInfo.InvariantCulture, step, $"v{i - 1}"))}, ");
        return text.Append(CultureInfo.InvariantCulture, $"size(v{times - 1})").Append(')', times).ToString();
    }

    private static readonly CelValue s_data = Data();

    /// <summary>100 KB of text, twice, and lists of few items that are long.</summary>
    private static CelValue Data()
    {
        var text = new string('a', 100_000);
        var wide = $"[[{string.Join(",", Enumerable.Repeat("12345678", 10_000))}]]";
        return CelValue.FromJson(Encoding.UTF8.GetBytes($$"""{"text":"{{text}}","text2":"{{text}}","wide":{{wide}},"wide2":{{wide.Replace("]]", ",1]]", StringComparison.Ordinal)}}}"""));
    }

    [Theory]
    [MemberData(nameof(ManySteps))]
    public void Much_work_ends_with_an_error(string text) => Stops(text);

    [Theory]
    [MemberData(nameof(ManyBytes))]
    public void Large_values_end_with_an_error(string text) => Stops(text);

    [Fact]
    public void Nothing_absorbs_a_limit()
    {
        const string evil = "lists.range(1000).all(a, lists.range(1000).all(b, true))";
        foreach (var text in (string[])
        [
            $"{evil} || true", $"true || {evil} || !({evil})", $"!({evil}) && false", $"[1].exists(x, {evil} || true)", $"optional.of({evil}).orValue(true)",
            $"{{'a': {evil}}}[?'b'].orValue(true)", $"has({{'a': {evil}}}.b)", $"cel.bind(x, {evil}, true)", $"[?optional.of({evil})]",
            $"optional.of({evil}).optMap(x, 1).orValue(2)", $"type({evil})", $"{evil} ? 1 : 2", $"[{evil}].all(x, true)",
        ])
        {
            if (text.StartsWith("true ||", StringComparison.Ordinal))
                Assert.True(s_environment.Compile(text).Evaluate().IsTrue);
            else
                Stops(text);
        }
    }

    [Fact]
    public void An_evaluation_after_one_that_was_stopped_is_as_any_other()
    {
        var expression = s_environment.With("n", CelType.Int).Compile("lists.range(n).all(a, lists.range(n).all(b, true))");
        var context = expression.NewContext();
        foreach (var n in (long[])[10, 5000, 10])
        {
            context.Set("n", CelValue.From(n));
            Assert.Equal(n == 10, expression.Evaluate(context).IsTrue);
        }
    }

    [Theory]
    [InlineData("lists.range(300).map(a, lists.range(300).map(b, 'a text of a hundred bytes or so, which is written many times, though it takes no memory as a value'))")]
    [InlineData("lists.range(1000).map(a, data.text)")]
    [InlineData("lists.range(1000).map(a, {'a': data.text, 'b': [data.text]})")]
    public void JSON_is_no_longer_than_what_an_evaluation_may_make(string text) => WritesTooMuch(text);

    [Fact]
    public void Shared_lists_are_not_written_many_times_over()
    {
        var text = Doubling("[1]", "[{0}, {0}]", 40).Replace("size(v39)", "v39", StringComparison.Ordinal);
        WritesTooMuch(text);
        var value = s_environment.Compile(text).Evaluate();
        Assert.Equal(CelKind.List, value.Kind);
        Assert.True(value.ToString().Length < 1_000_000);
        Assert.Throws<InvalidOperationException>(value.ToObject);
    }

    [Theory]
    [InlineData("'a{1000}{1000}'")]
    [InlineData("'(((a{100}){100}){100}){100}'")]
    [InlineData("'(a+)+$'")]
    [InlineData("'(.*)*(.*)*(.*)*b'")]
    [InlineData("'(a?){500}a{500}'")]
    [InlineData("'(x+x+)+y'")]
    public void Evil_regular_expressions_are_refused_or_stay_linear(string pattern)
    {
        var (value, allocated) = Measure($"data.text.matches({pattern} + '')");

        Assert.True(value.Kind == CelKind.Bool || value.Error!.Kind is CelErrorKind.Argument or CelErrorKind.Limit, value.ToString());
        Assert.True(allocated < 64 << 20, $"It took {allocated} bytes.");
    }

    private static void Stops(string text)
    {
        var (value, allocated) = Measure(text);

        Assert.True(value.Error?.Kind == CelErrorKind.Limit, $"It gives {value}.");
        // Whichever comes first; the text says which, and how much is allowed.
        Assert.Matches("^The expression (takes more than 100000 steps|makes more than 1048576 bytes of values)\\.$", value.Error!.Message);
        // What grows is doubled, and its old room stays until the evaluation ends.
        Assert.True(allocated < 16 * MaxBytes, $"It took {allocated} bytes.");
    }

    private static (CelValue Value, long Allocated) Measure(string text)
    {
        var expression = s_environment.Compile(text);
        var context = expression.NewContext();
        context.Set("data", s_data);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var value = expression.Evaluate(context);
        return (value, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void WritesTooMuch(string text)
    {
        var slots = new SlotTable();
        var problems = new List<CelProblem>();
        var compiled = Compiler.Compile(text, s_environment.Scope, slots, s_environment.Limits, problems);
        Assert.True(compiled is not null, string.Join('\n', problems));
        var frame = new Frame(slots.Paths.Count, compiled.Plan.Locals, s_environment.Limits);
        foreach (var path in slots.Paths)
            frame.Slots[path.Number] = s_data;
        Write(compiled.Plan, frame);
        // What was made stays good until the frame is used again.
        Write(new Plan(new ConstantNode(compiled.Plan.Evaluate(frame)), 0), new Frame(0, 0, s_environment.Limits));

        static void Write(Plan plan, Frame frame)
        {
            using var buffer = new JsonBuffer();
            var before = GC.GetAllocatedBytesForCurrentThread();

            var error = buffer.Write(plan, frame, out var json);

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(error?.Kind == CelErrorKind.Limit, $"It writes {json.Length} bytes, {error}.");
            Assert.Contains("1048576 bytes", error.Message, StringComparison.Ordinal);
            Assert.True(allocated < 16 * MaxBytes, $"It took {allocated} bytes.");
        }
    }
}
