using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Limits;

/// <summary>A sliding window of two counts: this window's, and of the one before the share that is still within the time.</summary>
internal sealed class WindowCounter : LimitCounter
{
    private readonly Lock _lock = new();
    private long _length, _begun;
    private int _count, _before;
    private bool _isForgotten;

    /// <inheritdoc/>
    public override bool TryTake(LimitOptions options, long now, out LimitAnswer answer)
    {
        long length = (options.Window ?? TimeSpan.FromSeconds(1)).Ticks;
        int max = options.Max ?? 1;
        lock (_lock)
        {
            answer = default;
            if (_isForgotten)
                return false;
            Slide(now, length);
            double within = 1 - ((double)(now - _begun) / length);
            double counted = (_before * within) + _count;
            if (counted + 1 > max)
            {
                answer = new(false, 0, new(_begun + length + length - now), Wait(now, length, max));
                return true;
            }
            _count++;
            answer = new(true, (long)(max - counted - 1), new(_begun + length + length - now), default);
            return true;
        }
    }

    /// <inheritdoc/>
    public override bool TryForget(long now)
    {
        lock (_lock)
            return _isForgotten = _isForgotten || now - _begun >= 2 * _length;
    }

    private void Slide(long now, long length)
    {
        // Another length after a reload: what was counted is taken for a window of it.
        _length = length;
        if (now - _begun < length)
            return;
        (_before, _begun) = now - _begun < 2 * length ? (_count, _begun + length) : (0, now);
        _count = 0;
    }

    // Until so much of the window before has passed that one more fits; when this one is full by itself, until so much of it has.
    private TimeSpan Wait(long now, long length, int max)
    {
        if (_count + 1 <= max)
            return new(Math.Max(1, (long)((1 - ((max - 1.0 - _count) / _before)) * length) - (now - _begun)));
        double share = 1 - ((max - 1.0) / _count);
        return new(_begun + length - now + (long)(share * length));
    }
}
