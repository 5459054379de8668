namespace Weft.Flows;

/// <summary>
/// Keeps a subscription that is far behind from slowing down those who publish. It could take all of the processor, since what it reads is there
/// already; publishers come one by one. So between two pages it looks whether much is published and the thread pool is busy without it, and then
/// leaves a pause. On a machine with room it reads as fast as it can. For one reader.
/// </summary>
internal sealed class CatchUpPace(TimeProvider time)
{
    /// <summary>Fewer messages behind than this is no backlog.</summary>
    public const long Backlog = 4096;

    private const int BusyAppends = 1_000; // A second.
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(24), s_step = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(25), s_busy = TimeSpan.FromMilliseconds(0.1);

    private long _lookedAt = time.GetTimestamp(), _head = -1;
    private TimeSpan _pause;

    /// <summary>The pause between two pages at present.</summary>
    public TimeSpan Pause => _pause;

    /// <summary>Waits as long as publishers need it. Call it before a page is read that is far behind.</summary>
    /// <param name="head">The last position of the log.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ValueTask WaitAsync(long head, CancellationToken cancellation)
    {
        if (_pause == TimeSpan.Zero && time.GetElapsedTime(_lookedAt) < s_every)
            return default;
        return LookAsync(head, cancellation);
    }

    private async ValueTask LookAsync(long head, CancellationToken cancellation)
    {
        double seconds = time.GetElapsedTime(_lookedAt).TotalSeconds;
        bool published = _head >= 0 && head - _head >= BusyAppends * seconds;
        (_lookedAt, _head) = (time.GetTimestamp(), head);
        if (!published)
        {
            _pause = TimeSpan.Zero;
            return;
        }
        // What was read before is handled meanwhile, so that the pool is asked about the others alone.
        await Task.Delay(_pause > TimeSpan.Zero ? _pause : s_longest, time, cancellation).ConfigureAwait(false);
        _pause = await PoolDelayAsync().ConfigureAwait(false) > s_busy ? s_longest : _pause > s_step ? _pause - s_step : TimeSpan.Zero;
    }

    // How long work waits for a thread.
    private async ValueTask<TimeSpan> PoolDelayAsync()
    {
        long asked = time.GetTimestamp();
        var runs = new TaskCompletionSource<TimeSpan>();
        ThreadPool.UnsafeQueueUserWorkItem(static asked => asked.Runs.SetResult(asked.Time.GetElapsedTime(asked.At)), (Runs: runs, Time: time, At: asked), preferLocal: false);
        return await runs.Task.ConfigureAwait(false);
    }
}
