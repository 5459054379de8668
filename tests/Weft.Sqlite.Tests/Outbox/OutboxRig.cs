using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Sqlite.Outbox;
using Weft.Testing;

namespace Weft.Sqlite.Tests.Outbox;

/// <summary>An app with a database of its own and an outbox in it, over a store in memory or in a file; both outlive the app.</summary>
internal sealed class OutboxRig : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-outbox-");
    private ServiceProvider? _services;

    /// <summary>The store, which is followed by another of the same content when the app is restarted.</summary>
    public InMemoryMessageLog Log { get; private set; } = new(TimeProvider.System);

    /// <summary>Between the relay and the table.</summary>
    public Func<string, Exception?> Fault { get; set; } = static _ => null;

    public IOutbox Outbox => _services!.GetRequiredService<IOutbox>();

    public IServiceProvider Services => _services!;

    public string File => Path.Combine(_directory.FullName, "shop.db");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task StartAsync(Action<WeftBuilder>? more = null)
    {
        var services = new ServiceCollection().AddLogging()
            .AddSingleton<ILogFactory>(new OneLog(Log))
            .AddSingleton<IOutboxFactory>(new FaultyFactory(this));
        _services = services.AddWeft(weft =>
        {
            weft.Connection("store", new ConnectionOptions { Sqlite = "unused.db" }).Connection("shop", new ConnectionOptions { Sqlite = File }).Outbox("shop").Topic("orders");
            more?.Invoke(weft);
        }).BuildServiceProvider();
        await _services.GetRequiredService<WeftRuntime>().StartAsync(Token);
    }

    /// <summary>Ends the app; with a crash of its store, that loses what was not committed.</summary>
    public async Task StopAsync(bool crash = false)
    {
        if (crash)
            Log = Log.CrashAndReopen();
        await _services!.GetRequiredService<WeftRuntime>().StopAsync(Token);
        await _services!.DisposeAsync();
        _services = null;
        if (!crash)
            Log = Log.CrashAndReopen();
    }

    /// <summary>A connection as the app has it.</summary>
    public async Task<SqliteConnection> ConnectAsync()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync(Token);
        return connection;
    }

    /// <summary>Adds events in a transaction of their own.</summary>
    public async Task AddAsync(string topic, bool commit, params IEnumerable<(string Key, int Number)> events)
    {
        await using var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(Token);
        foreach (var (key, number) in events)
            await Outbox.AddAsync(transaction, topic, New(key, number), cancellation: Token);
        if (commit)
            await transaction.CommitAsync(Token);
        else
            await transaction.RollbackAsync(Token);
    }

    /// <summary>What one column of the table has.</summary>
    public async Task<string[]> ColumnAsync(string column)
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"select {column} from weft_outbox order by n";
        await using var reader = await command.ExecuteReaderAsync(Token);
        var found = new List<string>();
        while (await reader.ReadAsync(Token))
            found.Add(reader.IsDBNull(0) ? "" : reader.GetString(0));
        return [.. found];
    }

    /// <summary>What the topic has, once it has as many.</summary>
    public async Task<string[]> PublishedAsync(int count, string topic = "orders")
    {
        var log = await Log.OpenTopicAsync(topic, Token);
        if (count > 0)
            await log.WaitAsync(count - 1, Token);
        var page = new LogEntry[Math.Max(1, count + 100)];
        int read = await log.ReadAsync(0, page, Token);
        return [.. page[..read].Select(e => e.Message.Subject!)];
    }

    /// <summary>Waits until something holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(5, Token);
    }

    public static Message New(string key, int number) => Message.Create("OrderCreated", "/shop", new { number }, subject: $"{key}/{number}", partitionKey: key);

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
            await StopAsync();
        _directory.Delete(recursive: true);
    }

    private sealed class OneLog(IMessageLog log) : ILogFactory
    {
        public bool Handles(ConnectionOptions connection) => true;

        public ValueTask<IMessageLog> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation) => new(log);
    }

    private sealed class FaultyFactory(OutboxRig rig) : IOutboxFactory
    {
        public bool Handles(ConnectionOptions connection) => true;

        public ValueTask<IOutboxSource> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation) => new(new FaultySource(rig, SqliteOutbox.Open(connection.Sqlite!)));
    }

    private sealed class FaultySource(OutboxRig rig, IOutboxSource inner) : IOutboxSource
    {
        public string Identity => inner.Identity;

        public async ValueTask<IOutboxBatch> TakeAsync(int limit, CancellationToken cancellation)
        {
            Break("take");
            return new FaultyBatch(this, await inner.TakeAsync(limit, cancellation));
        }

        public ValueTask<OutboxFacts> LookAsync(CancellationToken cancellation) => inner.LookAsync(cancellation);

        public ValueTask<int> PurgeMarksAsync(DateTimeOffset before, CancellationToken cancellation) => inner.PurgeMarksAsync(before, cancellation);

        public ValueTask<int> RetryRefusedAsync(CancellationToken cancellation) => inner.RetryRefusedAsync(cancellation);

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        public void Break(string step)
        {
            if (rig.Fault(step) is { } fault)
                throw fault;
        }
    }

    private sealed class FaultyBatch(FaultySource source, IOutboxBatch inner) : IOutboxBatch
    {
        public IReadOnlyList<(Guid Id, OutboxRow Row)> Rows => inner.Rows;

        public async ValueTask CompleteAsync(IReadOnlyList<Guid> published, IReadOnlyList<(Guid Id, string Why)> refused, CancellationToken cancellation)
        {
            source.Break("delete");
            await inner.CompleteAsync(published, refused, cancellation);
            source.Break("deleted");
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
