using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using Weft.Diagnostics;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Writing;

/// <summary>
/// Writes what waits, in one transaction, and lets the callers go on once it is durable. Batches come from callers that wait together while
/// the one before is written; there is no timer. What was certainly not stored because no server was there is tried again with growing
/// waits; a loss in the middle of a commit is told to its callers, since nobody can know.
/// </summary>
internal sealed partial class LogWriter : IAsyncDisposable
{
    private const int MaxOperations = 512, MaxBytes = 1 << 20, Queued = 16 << 10;
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(50), s_longestWait = TimeSpan.FromSeconds(2);

    private readonly Channel<WriteOperation> _queue = Channel.CreateBounded<WriteOperation>(new BoundedChannelOptions(Queued) { SingleReader = true });
    private readonly CancellationTokenSource _closing = new();
    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _patience, _pause;
    private readonly bool _relaxed;
    private readonly KeyValuePair<string, object?> _store;
    private readonly ILogger _logger;
    private readonly BackgroundLoop _loop;
    private TaskCompletionSource? _paused;
    private bool _failing;

    public LogWriter(string name, Database database, PostgresLogOptions options, TimeProvider clock, ILogger logger)
    {
        (_database, _clock, _patience, _pause, _logger) = (database, clock, options.Patience, options.Pause, logger);
        _store = new("store", database.Name);
        // The server may crash while we live, and what we know must not be ahead of what it then has: so os is as safe as sync here.
        _relaxed = options.Durability == Options.Durability.Memory;
        _loop = BackgroundLoop.Start($"postgres/{name}", _ => RunAsync());
    }

    /// <summary>How many transactions were written, and how many operations they held. For measuring.</summary>
    public (long Commits, long Operations) Counts { get; private set; }

    /// <summary>Has it write an operation. A full queue waits.</summary>
    public async ValueTask<long> RunAsync(WriteOperation operation)
    {
        operation.Cancellation.ThrowIfCancellationRequested();
        try
        {
            await _queue.Writer.WriteAsync(operation, operation.Cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(PostgresMessageLog));
        }
        if (!operation.IsRelaxed)
            Volatile.Read(ref _paused)?.TrySetResult();
        return await operation.Task.ConfigureAwait(false);
    }

    /// <summary>Refuses what comes from now on, writes what was accepted and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _closing.CancelAsync().ConfigureAwait(false);
        await _loop.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _loop.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<WriteOperation>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            long bytes = 0;
            while (batch.Count < MaxOperations && bytes < MaxBytes && _queue.Reader.TryRead(out var operation))
            {
                batch.Add(operation);
                bytes += operation.Size;
            }
            int count = batch.Count;
            bool relaxed = batch.TrueForAll(o => o.IsRelaxed);
            try
            {
                await WriteAsync(batch).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Whatever it was, it belongs to those who wait; the writer goes on.
                Fail(batch, e);
            }
            Counts = (Counts.Commits + 1, Counts.Operations + count);
            StoreMeter.Committed(_store, count);
            batch.Clear();
            if (relaxed && _pause > TimeSpan.Zero)
                await PauseAsync().ConfigureAwait(false);
        }
    }

    // Nobody waits for what is relaxed, so it gathers for a while; what somebody waits for ends the pause.
    private async Task PauseAsync()
    {
        var paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _paused, paused);
        using var closing = _closing.Token.UnsafeRegister(static paused => ((TaskCompletionSource)paused!).TrySetResult(), paused);
        await paused.Task.WaitAsync(_pause, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref _paused, null);
    }

    // Leaves the batch empty of what has its result.
    private async Task WriteAsync(List<WriteOperation> batch)
    {
        long begun = _clock.GetTimestamp();
        for (int tries = 1; ; tries++)
        {
            TakeOutRefused(batch);
            if (batch.Count == 0)
                return;
            NpgsqlConnection? connection = null;
            var commit = new CommitBatch(_database.Schema, batch, _clock.GetUtcNow().UtcTicks, _relaxed || batch.TrueForAll(o => o.IsRelaxed));
            try
            {
                connection = await _database.OpenAsync(default).ConfigureAwait(false);
                await commit.RunAsync(connection).ConfigureAwait(false);
                Done(batch);
                return;
            }
            catch (Exception e)
            {
                commit.TakeBack();
                bool again = connection is null
                    ? PostgresErrors.IsAbsent(e) && !_closing.IsCancellationRequested && _clock.GetElapsedTime(begun) < _patience
                    : PostgresErrors.IsRolledBackForNow(e) && tries < 10;
                if (connection is not null && e is PostgresException { SqlState: Schema.LostState })
                    again = await FindLostAsync(commit).ConfigureAwait(false);
                else if (connection is not null && batch.Count > 1 && PostgresErrors.IsOfOneCaller(e))
                    await WriteOneByOneAsync(batch).ConfigureAwait(false);
                else if (!again)
                    Fail(batch, e);
                else if (connection is null)
                    await WaitAsync(tries, e).ConfigureAwait(false);
                if (!again)
                    return;
            }
            finally
            {
                if (connection is not null)
                    await connection.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task WriteOneByOneAsync(List<WriteOperation> batch)
    {
        foreach (var operation in batch.ToArray())
        {
            var alone = new List<WriteOperation> { operation };
            await WriteAsync(alone).ConfigureAwait(false);
        }
        batch.Clear();
    }

    // Who gave up, who closed too early and who has lost the shard is told so; the others go on.
    private static void TakeOutRefused(List<WriteOperation> batch) => batch.RemoveAll(operation =>
    {
        if (operation.Cancellation.IsCancellationRequested)
        {
            operation.Cancel();
            return true;
        }
        foreach (var change in operation.Changes)
        {
            if (change.Subscription?.WhyRefused is { } reason)
            {
                operation.Fail(reason);
                return true;
            }
        }
        return false;
    });

    // False when nobody has: then it makes no sense to try again.
    private static async Task<bool> FindLostAsync(CommitBatch commit)
    {
        bool found = false;
        foreach (var subscription in commit.Subscriptions)
        {
            if (await subscription.CheckAsync().ConfigureAwait(false))
                continue;
            found = true;
        }
        return found;
    }

    private void Done(List<WriteOperation> batch)
    {
        if (_failing)
            LogWorking(_logger, _database.Name);
        _failing = false;
        foreach (var operation in batch)
            operation.Complete();
        batch.Clear();
    }

    private void Fail(List<WriteOperation> batch, Exception cause)
    {
        if (!_failing && !_database.IsClosed)
            LogFailing(_logger, _database.Name, cause);
        _failing = true;
        foreach (var operation in batch)
            operation.Fail(cause is ObjectDisposedException ? cause : PostgresErrors.Of(_database.Name, cause));
        batch.Clear();
    }

    private async Task WaitAsync(int tries, Exception cause)
    {
        if (!_failing)
            LogFailing(_logger, _database.Name, cause);
        _failing = true;
        var wait = s_firstWait * (1 << Math.Min(tries - 1, 10));
        await Task.Delay(wait < s_longestWait ? wait : s_longestWait, _clock, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(3120, LogLevel.Error, "Store '{Store}' cannot be written. It is tried again, and publishers are told when it takes long.")]
    private static partial void LogFailing(ILogger logger, string store, Exception e);

    [LoggerMessage(3121, LogLevel.Information, "Store '{Store}' can be written again.")]
    private static partial void LogWorking(ILogger logger, string store);
}
