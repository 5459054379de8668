using System.Globalization;

namespace Weft.Tests.Expressions.Fuzz;

/// <summary>
/// Weft beside two other engines of CEL, on expressions and data that a generator makes: every difference is in <see cref="Differences"/> with
/// its reason. Weft is also beside itself: with types declared, with data in JSON or read from it by path, and written as JSON it gives the same. A fixed sample here; <c>WEFT_FUZZ=100000 ./test Weft.Tests -- -class '*DifferentialTests'</c> for the long run, and
/// <c>WEFT_FUZZ_SEED</c> for another sample.
/// </summary>
public sealed class DifferentialTests
{
    private const int Batch = 500;

    [Fact]
    public async Task Every_difference_to_other_engines_is_explained()
    {
        var count = Setting("WEFT_FUZZ", 2000);
        var generator = new ExpressionGenerator(Setting("WEFT_FUZZ_SEED", 20));
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var wrong = new List<string>();
        using var oracle = new FuzzOracle();
        for (var done = 0; done < count; done += Batch)
        {
            FuzzCase[] cases = [.. Enumerable.Range(0, Math.Min(Batch, count - done)).Select(_ => generator.Next())];
            var answers = await oracle.AskAsync(cases);
            for (var i = 0; i < cases.Length; i++)
                Compare(cases[i], answers[i].Bufbuild, answers[i].CelJs, counts, wrong);
        }
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', counts.Select(c => $"{c.Value,8} {c.Key}")));
        Assert.True(wrong.Count == 0, $"{wrong.Count} differences are not explained:\n{string.Join('\n', wrong.Take(100))}");
        Assert.True(counts["bufbuild: agrees"] > count * 9 / 10 && counts["Weft: value"] > count / 2, "Too few cases agree for the comparison to mean something.");
    }

    private static void Compare(FuzzCase one, Answer bufbuild, Answer celJs, SortedDictionary<string, int> counts, List<string> wrong)
    {
        var value = FuzzRun.Evaluate(one);
        var weft = new Answer(FuzzValues.Show(value), value.Error?.Message ?? "");
        Count("Weft: " + (weft.IsError ? "error" : "value"));
        Classify("bufbuild", Differences.Bufbuild, bufbuild, celJs);
        Classify("cel-js", Differences.CelJs, celJs, bufbuild);
        foreach (var (way, result) in FuzzRun.OtherWays(one))
        {
            Count("Weft: " + way);
            if (result != weft.Value)
                wrong.Add($"{one}\n    Weft:      {weft}\n    {way}: {result}");
        }

        void Classify(string engine, Difference[] explained, Answer answer, Answer other)
        {
            var reason = answer.Value == weft.Value ? "agrees" : Array.Find(explained, d => d.Covers(new Disagreement(one, weft, answer, other)))?.Reason;
            if (reason is null)
                wrong.Add($"{one}\n    Weft:      {weft}\n    {engine}: {answer}\n    the other: {other}");
            Count($"{engine}: {reason ?? "NOT EXPLAINED"}");
        }

        void Count(string key) => counts[key] = counts.GetValueOrDefault(key) + 1;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
