using Weft.Load.Bus;
using Weft.Load.Cells;
using Weft.Load.Harness;

namespace Weft.Load;

/// <summary>
/// The event bus end to end beside what its stores give without it and beside other libraries, all with the same durability. Each cell is a process of its own
/// over an empty store, and looks that nothing is lost.
/// </summary>
internal sealed partial class BusBenchmark : IBenchmark
{
    private const string
        BareSqlite = "bare group commit, SQLite", WeftOne = "Weft, SQLite, 1 subscription", WeftThree = "Weft, SQLite, 3 subscriptions",
        BarePostgres = "bare group commit, PostgreSQL", WeftPostgres = "Weft, PostgreSQL, 1 subscription",
        Rabbit = "RabbitMQ.Client, quorum queue", MassTransit = "MassTransit, RabbitMQ quorum queue", Rebus = "Rebus, PostgreSQL";

    private string _seconds = "";

    public string Name => "bus";

    public string Sentence => "publish to handler through SQLite and PostgreSQL, beside their bare group commit, RabbitMQ.Client, MassTransit and Rebus";

    public async Task<Report> RunAsync(BenchArgs args)
    {
        _seconds = args.Quick ? "seconds=0.5" : "seconds=3";
        // Words choose parts, for those who work on one of them.
        bool Wanted(string part) => args.Rest.Count == 0 || args.Rest.Contains(part);
        var report = new Report();
        if (Wanted("throughput"))
            await ThroughputAsync(args, report);
        if (Wanted("latency"))
            await LatencyAsync(args, report);
        if (Wanted("backlog"))
            await BacklogAsync(args, report);
        if (Wanted("behind"))
            await BehindAsync(args, report);
        return report;
    }

    public async Task WorkAsync(string role, BenchArgs args, CancellationToken stop) => Console.WriteLine(await Roles.RunAsync(role, new CellArgs(args.Rest)));

    private async Task ThroughputAsync(BenchArgs args, Report report)
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var rabbit = await RabbitServer.StartAsync();
        Task<CellResult> OnRabbitAsync(string peer) => Cell.PeerAsync(peer, _seconds, $"url={rabbit.Url}", $"queue={rabbit.NewQueue()}");
        (string Name, Func<Task<CellResult>> Run)[] subjects =
        [
            (BareSqlite, () => OnSqliteAsync("bare-sqlite", _seconds)),
            (WeftOne, () => OnSqliteAsync("weft", _seconds, "subscriptions=1")),
            (WeftThree, () => OnSqliteAsync("weft", _seconds, "subscriptions=3")),
            (BarePostgres, () => OnPostgresAsync(postgres, database => Cell.RoleAsync("bare-postgres", _seconds, $"connection={postgres.ConnectionOf(database)}"))),
            (WeftPostgres, () => OnPostgresAsync(postgres, database => Cell.RoleAsync("weft", _seconds, "postgres=1", $"store={postgres.UrlOf(database)}"))),
            (Rabbit, () => OnRabbitAsync("RabbitMq")),
            (MassTransit, () => OnRabbitAsync("MassTransit")),
            (Rebus, () => OnPostgresAsync(postgres, database => Cell.PeerAsync("Rebus", _seconds, $"connection={postgres.ConnectionOf(database)};Maximum Pool Size=80"))),
        ];
        string[] only = [.. args.Rest.Where(r => r.StartsWith("only=", StringComparison.Ordinal)).Select(r => r[5..])];
        var series = await CellSeries.InterleavedAsync(args.Rounds, [.. subjects.Where(s => only.Length == 0 || only.Any(o => s.Name.Contains(o, StringComparison.Ordinal)))]);
        report.Versions["PostgreSQL"] = postgres.Version;
        report.Versions["RabbitMQ"] = rabbit.Version;
        report.Versions["SQLite"] = LogRivals.SqliteVersion();
        report.Versions["RabbitMQ.Client"] = Cell.VersionOf("RabbitMq", "RabbitMQ.Client");
        report.Versions["MassTransit"] = Cell.VersionOf("MassTransit", "MassTransit");
        report.Versions["Rebus"] = Cell.VersionOf("Rebus", "Rebus");
        report.Versions["Rebus.PostgreSql"] = Cell.VersionOf("Rebus", "Rebus.PostgreSql");
        report.AddVersionOf(typeof(Npgsql.NpgsqlConnection));
        report.AddVersionOf(typeof(Microsoft.Data.Sqlite.SqliteConnection));
        DescribeThroughput(report, series);
    }

    private static void DescribeThroughput(Report report, IReadOnlyList<CellSeries> series)
    {
        CellSeries? Of(string name) => series.FirstOrDefault(s => s.Name == name);
        var table = new Table("64 publishers, each waits until its message is stored", "Published/s", "Handled/s, each subscription", "Against the bare commit", "Processor us/message", "Allocated B/message", "Lost", "Twice");
        foreach (var one in series)
        {
            var bare = Of(one.Name.Contains("PostgreSQL", StringComparison.Ordinal) ? BarePostgres : BareSqlite);
            bool isBare = one.Name.StartsWith("bare", StringComparison.Ordinal), onRabbit = one.Name.Contains("RabbitMQ", StringComparison.Ordinal);
            table.Row(
                one.Name, Figures.Short(one.Of("publishRate")), isBare ? "" : Figures.Short(one.Of("rate")),
                isBare || onRabbit || bare is null ? "" : Figures.Short(one.RatioTo(bare, "rate", "publishRate")),
                Figures.Short(one.Of("processor").Median), Figures.Short(one.Of("allocated").Median), Figures.Short(one.Sum("lost")), Figures.Short(one.Sum("again")));
        }
        report.Tables.Add(table);
        report.Notes.Add("Messages of 512 bytes of JSON, written from an object and read into one; meters and activities are listened to. All of it survives a power cut before a publisher goes on: "
            + "SQLite with synchronous=FULL, PostgreSQL with fsync, quorum queues with confirms. Each sample is a new process over an empty store, warmed up until hardly anything is compiled any more. "
            + "Servers, publishers and subscribers share the machine. The bare commits append 512 bytes and read nothing. RabbitMQ.Client: a window of 1,000 of our own, prefetch 500, each message acknowledged. "
            + "MassTransit: prefetch 1,000, concurrency 64. Rebus: 4 workers, parallelism 64, back-off 1 to 20 ms, pool of 80.");
        if (Of(WeftOne) is { } weftOne && Of(BareSqlite) is { } bareSqlite)
            report.Bounds.Add(Bound.AtLeast("SQLite end to end, 1 subscription, against the bare group commit", weftOne.RatioTo(bareSqlite, "rate", "publishRate").Median, 0.45, "x"));
        if (Of(WeftThree) is { } three && Of(BareSqlite) is { } bare3)
            report.Bounds.Add(Bound.AtLeast("SQLite end to end, each of 3 subscriptions, against the bare group commit", three.RatioTo(bare3, "rate", "publishRate").Median, 0.75 * 0.45, "x"));
        if (Of(WeftPostgres) is { } weftPostgres)
            report.Bounds.Add(Bound.AtLeast("PostgreSQL end to end", weftPostgres.Of("rate").Median, 25_000, "messages/s"));
    }

    private static async Task<CellResult> OnSqliteAsync(string role, params string[] args)
    {
        using var directory = new LogDirectory();
        return await Cell.RoleAsync(role, [$"store={directory.File("weft.db")}", .. args]);
    }

    private static async Task<CellResult> OnPostgresAsync(PostgresServer server, Func<string, Task<CellResult>> run)
    {
        string database = await server.NewDatabaseAsync();
        var result = await run(database);
        await server.DropAsync(database);
        return result;
    }
}
