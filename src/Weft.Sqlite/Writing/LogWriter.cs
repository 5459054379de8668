using Microsoft.Extensions.Logging;
using Weft.Diagnostics;

namespace Weft.Sqlite.Writing;

/// <summary>
/// The one writer of a store. It takes what is there, does all of it in one transaction, and lets the callers go on once that
/// is durable. Batches come from callers that wait together while the one before is written; there is no timer.
/// </summary>
internal sealed partial class LogWriter
{
    private const int MaxOperations = 512;

    private readonly WriteQueue _queue = new();
    private readonly WriteSession _session;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WriteOperation?[] _batch = new WriteOperation?[MaxOperations];
    private readonly Action<object?, CancellationToken> _giveUp;
    private readonly ILogger _logger;
    private readonly Action<Action>? _steps;
    private readonly KeyValuePair<string, object?> _store;
    private long _commits, _operations;
    private bool _failing, _stepping;

    private LogWriter(WriteSession session, ILogger logger, Action<Action>? steps)
    {
        (_session, _logger, _steps) = (session, logger, steps);
        _store = new("store", Path.GetFileName(session.Path));
        _giveUp = (operation, token) => GiveUp((WriteOperation)operation!, token);
    }

    /// <summary>How many commits were made, and how many operations they held. For measuring.</summary>
    internal (long Commits, long Operations) Counts => (Volatile.Read(ref _commits), Volatile.Read(ref _operations));

    /// <summary>
    /// Starts the writer on a thread of its own: it blocks in disk syncs all day, which would take a thread from the pool and
    /// delay exactly the callers that it has just completed.
    /// </summary>
    /// <param name="session">What it writes with.</param>
    /// <param name="logger">Is told when writing begins to fail and when it works again.</param>
    /// <param name="steps">In place of the thread: runs one commit after another, on one thread and not within the call. Null for a thread.</param>
    public static LogWriter Start(WriteSession session, ILogger logger, Action<Action>? steps = null)
    {
        var writer = new LogWriter(session, logger, steps);
        if (steps is null)
            new Thread(writer.Run) { IsBackground = true, Name = "weft-sqlite-writer" }.Start();
        return writer;
    }

    /// <summary>
    /// Has the writer do an operation. Its caller can give up as long as the writer has not begun with it; from then on it
    /// waits, because the writer reads its bytes.
    /// </summary>
    public ValueTask<long> RunAsync(WriteOperation operation, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<long>(cancellation);
        var task = operation.Task;
        if (!_queue.TryAdd(operation))
            return ValueTask.FromException<long>(new ObjectDisposedException(nameof(SqliteMessageLog)));
        // Safe after adding: an operation is not used again before its caller has seen its result.
        if (cancellation.CanBeCanceled)
            operation.Cancellation = cancellation.UnsafeRegister(_giveUp, operation);
        RequestStep();
        return task;
    }

    /// <summary>Has the writer do something rare.</summary>
    public ValueTask<long> RunAsync(Func<WriteSession, long> command, CancellationToken cancellation) =>
        RunAsync(new CommandOperation(command), cancellation);

    /// <summary>Refuses new operations, does what was accepted and ends.</summary>
    public Task CloseAsync()
    {
        _queue.Close();
        RequestStep();
        return _ended.Task;
    }

    private void RequestStep()
    {
        if (_steps is null || _stepping)
            return;
        _stepping = true;
        _steps(Step);
    }

    private void Step()
    {
        _stepping = false;
        int count = _queue.Take(_batch, waits: false);
        if (count > 0)
            WriteAndComplete(_batch.AsSpan(0, count));
        if (!_queue.IsEmpty)
            RequestStep();
        else if (_queue.IsClosed)
            _ended.TrySetResult();
    }

    private void GiveUp(WriteOperation operation, CancellationToken token)
    {
        if (!_queue.TryRemove(operation))
            return;
        operation.Fail(new OperationCanceledException(token));
        operation.Complete();
    }

    private void Run()
    {
        for (int count; (count = _queue.Take(_batch)) > 0;)
            WriteAndComplete(_batch.AsSpan(0, count));
        _ended.SetResult();
    }

    private void WriteAndComplete(Span<WriteOperation?> batch)
    {
        Write(batch);
        Volatile.Write(ref _commits, _commits + 1);
        Volatile.Write(ref _operations, _operations + batch.Length);
        StoreMeter.Committed(_store, batch.Length);
        foreach (var operation in batch)
            operation!.Complete();
        batch.Clear();
    }

    private void Write(ReadOnlySpan<WriteOperation?> batch)
    {
        try
        {
            _session.Begin(NeedsSync(batch));
            foreach (var operation in batch)
                Apply(operation!);
            _session.Commit();
            if (_failing)
                LogWorking(_logger, _session.Path);
            _failing = false;
        }
        catch (Exception e)
        {
            // Whatever it was, it belongs to those who wait; the writer goes on, and works again once the cause is gone.
            _session.Rollback();
            if (!_failing)
                LogFailing(_logger, _session.Path, e);
            _failing = true;
            foreach (var operation in batch)
            {
                if (!operation!.Failed)
                    operation.Fail(SqliteErrors.OfCommit(_session.Path, e));
            }
        }
    }

    private static bool NeedsSync(ReadOnlySpan<WriteOperation?> batch)
    {
        foreach (var operation in batch)
        {
            if (!operation!.IsRelaxed)
                return true;
        }
        return false;
    }

    private void Apply(WriteOperation operation)
    {
        try
        {
            operation.Apply(_session);
        }
        catch (RefusedException e)
        {
            operation.Fail(e.Reason);
        }
    }

    [LoggerMessage(3020, LogLevel.Error, "Store '{Path}' cannot be written. Publishers are told so, and it is tried again with each publish.")]
    private static partial void LogFailing(ILogger logger, string path, Exception e);

    [LoggerMessage(3021, LogLevel.Information, "Store '{Path}' can be written again.")]
    private static partial void LogWorking(ILogger logger, string path);
}
