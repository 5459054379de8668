using System.Runtime.CompilerServices;
using Weft.Diagnostics;

namespace Weft.Flows;

/// <summary>
/// Stores the verdicts of a subscription. They gather in memory; one loop writes what is there, one transaction in flight
/// and no timer, so that under load a commit carries many and an idle subscription is stored at once. What a power cut takes
/// of them is delivered again, so they do not compete with publishers for the sync of the disk. While the store fails, they
/// are kept and tried again, and the reader is held back. What no retry mends ends the reader.
/// </summary>
internal sealed class VerdictWriter : IAsyncDisposable
{
    private static readonly TimeSpan WaitAfterFailure = TimeSpan.FromSeconds(1);

    private readonly ILogSubscription _subscription;
    private readonly LogTransaction _transaction;
    private readonly TimeProvider _time;
    private readonly Action _onEnd;
    private readonly BackgroundLoop _loop;
    private readonly AsyncSignal _added = new();
    private readonly CancellationTokenSource _closes = new(); // Ends the wait between two tries.
    private readonly Lock _lock = new();
    private readonly List<(long Batch, TaskCompletionSource Stored)> _flushes = [];
    private List<Verdict> _gathering = [], _writing = [];
    private readonly CursorTracker _stored;
    private long _batch = 1, _marked;
    private TaskCompletionSource? _failing;
    private Exception? _ended;
    private bool _closing;

    /// <summary>Starts the loop.</summary>
    /// <param name="log">The store.</param>
    /// <param name="subscription">Whose verdicts.</param>
    /// <param name="time">The clock of the waits between tries.</param>
    /// <param name="onEnd">Called when nothing will be stored any more, so that the reader looks and is told why.</param>
    public VerdictWriter(IMessageLog log, ILogSubscription subscription, TimeProvider time, Action onEnd)
    {
        (_subscription, _transaction, _time, _onEnd, _marked) = (subscription, log.Begin(), time, onEnd, subscription.UnderWay);
        _transaction.Relaxed = true;
        _stored = new CursorTracker(subscription.Opened);
        _loop = BackgroundLoop.Start($"{subscription.Name}/verdicts", RunAsync, End);
    }

    /// <summary>
    /// Adds a verdict: <paramref name="settled"/> moves the cursor over the position; <paramref name="parked"/> is the row it
    /// leaves. Without either, a row that is there is taken away.
    /// </summary>
    public void Add(long position, bool settled, ParkedMessage? parked)
    {
        lock (_lock)
            _gathering.Add(new(position, settled, parked));
        _added.Set();
    }

    /// <summary>Up to where it is stored that messages may be worked on.</summary>
    public long Marked => Volatile.Read(ref _marked);

    /// <summary>Everything up to here is settled or parked, as far as it is stored.</summary>
    public long Low
    {
        get
        {
            lock (_lock)
                return _stored.Low;
        }
    }

    /// <summary>Adds a note that messages up to a position may be worked on.</summary>
    public void Mark(long upTo)
    {
        lock (_lock)
            _gathering.Add(new(upTo, Settled: false, Parked: null, Marks: true));
        _added.Set();
    }

    /// <summary>Writes one verdict into a transaction.</summary>
    public static void Write(LogTransaction transaction, ILogSubscription subscription, long position, bool settled, ParkedMessage? parked)
    {
        if (settled)
            transaction.Settle(subscription, position);
        if (parked is not null)
            transaction.Park(subscription, parked);
        else if (!settled)
            transaction.Unpark(subscription, position);
    }

    /// <summary>Returns once everything that was added before the call is stored.</summary>
    public ValueTask FlushAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_gathering.Count == 0 && _writing.Count == 0)
                return default;
            if (_ended is not null)
                return ValueTask.FromException(_ended);
            var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _flushes.Add((_gathering.Count > 0 ? _batch : _batch - 1, stored));
            return new(stored.Task.WaitAsync(cancellation));
        }
    }

    /// <summary>Returns at once while the store takes verdicts, and otherwise once it does again; throws when it never will.</summary>
    public ValueTask HealthyAsync(CancellationToken cancellation) =>
        Volatile.Read(ref _failing) is { } failing ? new(failing.Task.WaitAsync(cancellation)) : default;

    /// <summary>Stores what is left; gives up when the store fails at what began after the call; what it failed at before is tried once more.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
            _closing = true;
        await _closes.CancelAsync().ConfigureAwait(false);
        _added.Set();
        await _loop.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        End(new ObjectDisposedException(nameof(LogSource), $"Subscription '{_subscription.Name}' was closed before everything was stored."));
        await _loop.DisposeAsync().ConfigureAwait(false);
        await _transaction.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            while (TakeBatch() is { } batch)
            {
                while (!await TryStoreAsync(cancellation).ConfigureAwait(false))
                    await Task.Delay(WaitAfterFailure, _time, _closes.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Stored(batch);
            }
            if (Volatile.Read(ref _closing))
                return;
            await _added.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private long? TakeBatch()
    {
        lock (_lock)
        {
            if (_gathering.Count == 0)
                return null;
            (_gathering, _writing) = (_writing, _gathering);
            return _batch++;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> TryStoreAsync(CancellationToken cancellation)
    {
        bool isLast = Volatile.Read(ref _closing);
        try
        {
            foreach (var verdict in _writing)
            {
                if (verdict.Marks)
                    _transaction.Mark(_subscription, verdict.Position);
                else
                    Write(_transaction, _subscription, verdict.Position, verdict.Settled, verdict.Parked);
            }
            await _transaction.CommitAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (LogException) when (!isLast)
        {
            HoldBack();
            // The store has told its operator; the verdicts stay here until it takes them.
            return false;
        }
    }

    private void HoldBack()
    {
        lock (_lock)
            _failing ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    // Nothing will be stored any more: whoever waits for it is told, now and later.
    private void End(Exception e)
    {
        lock (_lock)
        {
            _ended ??= e;
            (_failing ??= new()).TrySetException(_ended);
            _ = _failing.Task.Exception; // Nobody may be waiting, and that is no unobserved failure.
            foreach (var (_, stored) in _flushes)
                stored.TrySetException(_ended);
            _flushes.Clear();
        }
        _onEnd();
    }

    private void Stored(long batch)
    {
        lock (_lock)
        {
            foreach (var verdict in _writing)
            {
                if (verdict.Marks)
                    Volatile.Write(ref _marked, verdict.Position);
                if (verdict.Settled)
                    _stored.Settle(verdict.Position);
            }
            _writing.Clear();
            for (int i = _flushes.Count - 1; i >= 0; i--)
            {
                if (_flushes[i].Batch > batch)
                    continue;
                _flushes[i].Stored.SetResult();
                _flushes.RemoveAt(i);
            }
            _failing?.SetResult();
            _failing = null;
        }
    }

    private readonly record struct Verdict(long Position, bool Settled, ParkedMessage? Parked, bool Marks = false);
}
