using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Limits;

/// <summary>
/// A token bucket as the generic cell rate algorithm (ITU-T I.371) keeps it: one number, the time at which the bucket would be full again. A request moves it
/// on by the time between two tokens, and is refused when that would be further away than a whole bucket.
/// </summary>
internal sealed class BucketCounter : LimitCounter
{
    private const long Forgotten = long.MaxValue;
    private long _full;

    /// <inheritdoc/>
    public override bool TryTake(LimitOptions options, long now, out LimitAnswer answer)
    {
        double rate = options.Rate ?? 1;
        long each = (long)(TimeSpan.TicksPerSecond / rate);
        long whole = each * LimitStep.Burst(options);
        while (true)
        {
            long full = Volatile.Read(ref _full);
            if (full == Forgotten)
            {
                answer = default;
                return false;
            }
            long next = Math.Max(full, now) + each;
            long over = next - now - whole;
            if (over > 0)
            {
                answer = new(false, 0, new(Math.Max(full, now) - now), new(over));
                return true;
            }
            if (Interlocked.CompareExchange(ref _full, next, full) != full)
                continue;
            answer = new(true, -over / each, new(next - now), default);
            return true;
        }
    }

    /// <inheritdoc/>
    public override bool TryForget(long now) => Volatile.Read(ref _full) is var full && full <= now && Interlocked.CompareExchange(ref _full, Forgotten, full) == full;
}
