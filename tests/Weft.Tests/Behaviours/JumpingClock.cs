using Microsoft.Extensions.Time.Testing;

namespace Weft.Tests.Behaviours;

/// <summary>A fake clock that goes from one timer to the next, so that a scenario that waits for a hundred hours is over at once and its times are exact.</summary>
internal sealed class JumpingClock : FakeTimeProvider
{
    // More than enough for continuations that run elsewhere; only a call that nothing will ever end comes here.
    private const int Patience = 1_000_000;

    private readonly List<JumpingTimer> _timers = [];

    /// <summary>Runs until a call has ended, as far as timers are what it waits for.</summary>
    public async Task<T> RunAsync<T>(Task<T> call)
    {
        for (var idle = 0; !call.IsCompleted && idle < Patience; idle++)
        {
            for (var i = 0; i < 5; i++)
                await Task.Yield();
            if (call.IsCompleted || Next() is not { } due)
                continue;
            SetUtcNow(due);
            idle = 0;
        }
        return call.IsCompleted ? await call : throw new InvalidOperationException("Nothing will end this call.");
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new JumpingTimer(this, base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period));
        lock (_timers)
            _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private DateTimeOffset? Next()
    {
        var now = GetUtcNow();
        lock (_timers)
            return _timers.Min(timer => timer.Due > now ? timer.Due : null);
    }

    private void Remove(JumpingTimer timer)
    {
        lock (_timers)
            _timers.Remove(timer);
    }

    private sealed class JumpingTimer(JumpingClock clock, ITimer timer) : ITimer
    {
        /// <summary>When it fires next; past once it has, since no timer here has a period.</summary>
        public DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.GetUtcNow() + dueTime;
            return timer.Change(dueTime, period);
        }

        public void Dispose()
        {
            clock.Remove(this);
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
