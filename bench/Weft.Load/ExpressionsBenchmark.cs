using Weft.Load.Expressions;
using Weft.Load.Harness;

namespace Weft.Load;

/// <summary>Predicates, sets of rules and transforms over an event of about 1 KB, beside other engines and code written by hand.</summary>
internal sealed class ExpressionsBenchmark : IBenchmark
{
    public string Name => "expressions";

    public string Sentence => "predicates, a hundred rules and a transform over a 1 KB event, beside RulesEngine, Jint, JmesPath.Net and code by hand";

    public async Task<Report> RunAsync(BenchArgs args)
    {
        Contest.Check();
        var json = OrderText.Event();
        var parsed = await MeasureAsync(args, Contest.PredicateOnParsed(json));
        var bytes = await MeasureAsync(args, Contest.PredicateFromBytes(json));
        var hundred = await MeasureAsync(args, Contest.Hundred(json));
        var transform = await MeasureAsync(args, Contest.Transforms(json).Select(t => new Entrant(t.Name, () => t.Work().Length)));
        var compiling = await MeasureAsync(args, Contest.Compiling(json));

        var report = new Report();
        report.AddVersionOf(typeof(RulesEngine.RulesEngine));
        report.AddVersionOf(typeof(Jint.Engine));
        report.AddVersionOf(typeof(DevLab.JmesPath.JmesPath));
        report.Tables.Add(Table("The predicate on parsed input", parsed, Contest.Element));
        report.Tables.Add(Table($"The predicate from {json.Length} bytes", bytes, Contest.Reader));
        report.Tables.Add(Table("100 rules over one event", hundred, Contest.Slots));
        report.Tables.Add(Table("The transform", transform, Contest.Element));
        report.Tables.Add(Table("Compiling the predicate", compiling, Contest.Compile));
        report.Notes.Add($"The predicate: `{Condition.Predicate("event")}`. The transform: an id, a total times 1.19, a filtered list of SKUs. "
            + "All engines gave the same results for hits and misses before anything was measured. One thread; a sample is the median of batches of "
            + "about 1 ms, the figures are medians of the samples, ratios are taken round by round. JmesPath.Net cannot multiply and has no part in the transform.");
        AddBounds(report, parsed, bytes, hundred);
        AddBounds(report, transform, compiling);
        return report;
    }

    private static void AddBounds(Report report, IReadOnlyList<Series> parsed, IReadOnlyList<Series> bytes, IReadOnlyList<Series> hundred)
    {
        Series slots = parsed.Of(Contest.Slots), text = bytes.Of(Contest.JsonText), stored = bytes.Of(Contest.StoredEvent);
        report.Bounds.Add(Bound.AtMost("predicate on parsed input", slots.Nanoseconds(), 150, "ns"));
        report.Bounds.Add(Bound.AtMost("predicate on parsed input, allocated", slots.Bytes(), 0, "B"));
        foreach (var (series, what) in new[] { (text, "JSON text"), (stored, "stored event") })
        {
            report.Bounds.Add(Bound.AtMost($"predicate from bytes, {what}", series.Nanoseconds() / 1000, 1.3, "µs"));
            report.Bounds.Add(Bound.AtMost($"predicate from bytes, {what}, allocated", series.Bytes(), 0, "B"));
        }
        report.Bounds.Add(Bound.AtMost("predicate from the same JSON text as the forward-only reader", text.RatioTo(bytes.Of(Contest.Reader), Each).Median, 1.25, "x"));
        Series rules = hundred.Of(Contest.Slots), whole = hundred.Of(Contest.JsonText);
        report.Bounds.Add(Bound.AtMost("100 rules, once the event is read", rules.Nanoseconds() / 1000, 2, "µs"));
        report.Bounds.Add(Bound.AtMost("100 rules with the one reading, beyond the reading", (whole.Nanoseconds() - hundred.Of(Contest.Reading).Nanoseconds()) / 1000, 2, "µs"));
        report.Bounds.Add(Bound.AtMost("100 rules with the one reading, allocated", whole.Bytes(), 0, "B"));
    }

    private static void AddBounds(Report report, IReadOnlyList<Series> transform, IReadOnlyList<Series> compiling)
    {
        Series slots = transform.Of(Contest.Slots), text = transform.Of(Contest.JsonText);
        report.Bounds.Add(Bound.AtMost("transform of parsed input against code by hand", slots.RatioTo(transform.Of(Contest.Element), Each).Median, 1.3, "x"));
        report.Bounds.Add(Bound.AtMost("transform from bytes against code by hand", text.RatioTo(transform.Of(Contest.Document), Each).Median, 1.3, "x"));
        report.Bounds.Add(Bound.AtMost("transform, allocated beyond the output", Math.Max(slots.Bytes(), text.Bytes()), 0, "B"));
        report.Bounds.Add(Bound.AtMost("parsing, checking and planning the predicate", compiling.Of(Contest.Compile).Nanoseconds() / 1000, 20, "µs"));
    }

    private static Task<IReadOnlyList<Series>> MeasureAsync(BenchArgs args, IEnumerable<Entrant> entrants) =>
        Measure.InterleavedAsync(args.Rounds, [.. entrants.Select(e => Repeat.Subject(e.Name, args, e.Work))]);

    private static Table Table(string title, IReadOnlyList<Series> all, string baseline)
    {
        var table = new Table(title, "ns", "B", $"Against {baseline}");
        foreach (var one in all)
            table.Row(one.Name, Figures.Short(one.Of(Each)), Figures.Short(one.Bytes()), Figures.Short(one.RatioTo(all.Of(baseline), Each)));
        return table;
    }

    internal static double Each(Sample sample) => sample.Elapsed.TotalNanoseconds / sample.Operations;
}

/// <summary>Reads what was measured.</summary>
internal static class SeriesExtensions
{
    public static Series Of(this IReadOnlyList<Series> all, string name) => all.Single(s => s.Name == name);

    public static double Nanoseconds(this Series series) => series.Of(ExpressionsBenchmark.Each).Median;

    public static double Bytes(this Series series) => series.Of(s => s.BytesEach).Median;
}
