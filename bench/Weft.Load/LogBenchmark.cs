using Microsoft.Data.Sqlite;
using Weft.Load.Harness;
using Weft.Options;

namespace Weft.Load;

/// <summary>Durable appends of 512-byte events by waiting publishers, beside what the disk and SQLite give without Weft.</summary>
internal sealed class LogBenchmark : IBenchmark
{
    private static readonly int[] s_publishers = [1, 16, 64];

    private readonly Dictionary<int, double> _batches = [];
    private Durability _durability;

    public string Name => "log";

    public string Sentence => "events appended durably a second, beside raw batched SQLite inserts and a synced file";

    public async Task<Report> RunAsync(BenchArgs args)
    {
        // With "os" nothing is synced, which shows what the processor does without the noise of the disk.
        _durability = args.Rest.Contains("os") ? Durability.Os : Durability.Sync;
        // Tells the size of the commits, which the raw subjects then use.
        await AppendAsync(64, args.Pick(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1)));
        Subject[] subjects =
        [
            .. s_publishers.Select(p => new Subject(WeftName(p), () => AppendAsync(p, args.Duration))),
            new("raw SQLite, same batch", () => LogRivals.RawSqliteAsync(Batch(64), _durability, args.Duration)),
            new("file and fsync, same batch", () => LogRivals.FileAsync(Batch(64), args.Duration)),
            new("file and fsync, one by one", () => LogRivals.FileAsync(1, args.Duration)),
        ];
        var series = await Measure.InterleavedAsync(args.Rounds, subjects);
        return Describe(series);
    }

    private Report Describe(IReadOnlyList<Series> series)
    {
        var report = new Report();
        report.AddVersionOf(typeof(SqliteConnection));
        report.Versions["SQLite"] = LogRivals.SqliteVersion();
        var weft = series.Single(s => s.Name == WeftName(64));
        var raw = series.Single(s => s.Name.StartsWith("raw SQLite", StringComparison.Ordinal));

        var table = new Table("Subject", "Events/s", "Events a commit", "Against raw SQLite", "Processor us/event", "Allocated B/event");
        foreach (var one in series)
        {
            table.Row(
                one.Name, Figures.Short(one.Of(s => s.PerSecond)), Figures.Short(BatchOf(one.Name)), Figures.Short(one.RatioTo(raw, s => s.PerSecond)),
                Figures.Short(one.Of(s => s.ProcessorMicroseconds).Median), Figures.Short(one.Of(s => s.BytesEach).Median));
        }
        report.Tables.Add(table);
        report.Notes.Add((_durability == Durability.Sync ? "Durability sync: WAL and synchronous=FULL" : "Durability os: WAL and synchronous=NORMAL")
            + " for all of SQLite, the same table and pragmas, 512-byte events. Each sample is a new file. "
            + "Publishers await each append; the allocation is that of the whole process.");
        report.Bounds.Add(Bound.AtLeast("appends against raw SQLite at the same batch, 64 publishers", weft.RatioTo(raw, s => s.PerSecond).Median, 0.6, "x"));
        report.Bounds.Add(Bound.AtMost("allocated on top of the event, 64 publishers", weft.Of(s => s.BytesEach).Median, 8, "B/event"));
        return report;
    }

    private async Task<Sample> AppendAsync(int publishers, TimeSpan duration)
    {
        using var directory = new LogDirectory();
        await using var log = Sqlite.SqliteMessageLog.Open(directory.File("weft.db"), _durability, TimeProvider.System);
        var load = new LogLoad(await log.OpenTopicAsync("load", CancellationToken.None), publishers);
        await load.RunAsync(duration / 10);
        var (commitsBefore, eventsBefore) = log.Writer.Counts;
        var sample = await Measure.OnceAsync(() => load.RunAsync(duration));
        var (commits, events) = log.Writer.Counts;
        _batches[publishers] = (double)(events - eventsBefore) / (commits - commitsBefore);
        return sample;
    }

    private int Batch(int publishers) => (int)Math.Round(_batches[publishers]);

    private double BatchOf(string subject)
    {
        int publishers = s_publishers.FirstOrDefault(p => WeftName(p) == subject);
        return publishers != 0 ? _batches[publishers] : subject.EndsWith("one by one", StringComparison.Ordinal) ? 1 : Batch(64);
    }

    private static string WeftName(int publishers) => publishers == 1 ? "Weft, 1 publisher" : $"Weft, {publishers} publishers";
}
