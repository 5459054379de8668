using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Limits;

/// <summary>How many requests run.</summary>
internal sealed class ConcurrencyCounter : LimitCounter
{
    private const int Forgotten = -1;

    // When one of those that run ends is not known.
    private static readonly TimeSpan s_comeBack = TimeSpan.FromSeconds(1);
    private int _running;

    /// <inheritdoc/>
    public override bool TryTake(LimitOptions options, long now, out LimitAnswer answer)
    {
        int max = options.Max ?? 1;
        while (true)
        {
            int running = Volatile.Read(ref _running);
            answer = running < max ? new(true, max - running - 1, default, default) : new(false, 0, s_comeBack, s_comeBack);
            if (running == Forgotten)
                return false;
            if (running >= max || Interlocked.CompareExchange(ref _running, running + 1, running) == running)
                return true;
        }
    }

    /// <summary>One has ended.</summary>
    public void Release() => Interlocked.Decrement(ref _running);

    /// <inheritdoc/>
    public override bool TryForget(long now) => Interlocked.CompareExchange(ref _running, Forgotten, 0) is 0 or Forgotten;
}
