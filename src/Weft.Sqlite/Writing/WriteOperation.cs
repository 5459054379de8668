using System.Threading.Tasks.Sources;

namespace Weft.Sqlite.Writing;

/// <summary>
/// Something that the writer does, and the one caller that waits for it. The caller is completed on the thread pool, never on
/// the writer; the operation is the work item itself, and used again where it is pooled, so that nothing is allocated.
/// </summary>
internal abstract class WriteOperation : IValueTaskSource<long>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<long> _core;
    private Exception? _error;
    private long _result;

    /// <summary>The neighbours in the queue; owned by the queue.</summary>
    internal WriteOperation? Previous, Next;

    /// <summary>Whether it still waits in the queue and can be taken back; owned by the queue.</summary>
    internal bool Queued;

    /// <summary>Takes it back when its caller gives up.</summary>
    internal CancellationTokenRegistration Cancellation;

    /// <summary>Whether its caller may go on before it is synced.</summary>
    internal virtual bool IsRelaxed => false;

    /// <summary>About how many bytes it writes.</summary>
    internal abstract long Size { get; }

    /// <summary>Whether it has failed by itself. The others of its commit go on.</summary>
    internal bool Failed => _error is not null;

    /// <summary>What its caller awaits. Once.</summary>
    internal ValueTask<long> Task => new(this, _core.Version);

    /// <summary>Does it, on the writer, inside the transaction. What is refused must be refused before anything is changed.</summary>
    internal void Apply(WriteSession session) => _result = ApplyCore(session);

    /// <summary>Makes it fail instead of completing.</summary>
    internal void Fail(Exception error) => _error = error;

    /// <summary>Lets the caller go on. Everything that it wrote is as durable as it asks for by now, or it has failed.</summary>
    internal void Complete() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    void IThreadPoolWorkItem.Execute()
    {
        if (_error is null)
            _core.SetResult(_result);
        else
            _core.SetException(_error);
    }

    long IValueTaskSource<long>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Cancellation.Dispose();
            Cancellation = default;
            _error = null;
            _core.Reset();
            Recycle();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<long>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    protected abstract long ApplyCore(WriteSession session);

    /// <summary>Called once the caller has its result.</summary>
    protected virtual void Recycle()
    {
    }
}
