namespace Weft.Concurrency;

/// <summary>
/// Gradient2 of Netflix concurrency-limits: the ratio of the usual time of calls to the present one pulls the limit down, a headroom of its square root pushes it up.
/// Single times of calls scatter too much to steer by, so that the present time is the mean of a window: 100 ms (as Envoy has it) and ten calls at least.
/// </summary>
internal sealed class GradientLimit(int min, int max, int initial, TimeProvider time) : AdaptiveLimit(min, max, initial)
{
    private const int LeastSamples = 10;
    private const double Smoothing = 0.2;
    private const double Tolerance = 1.5;
    private const double LeastGradient = 0.5, MostGradient = 1;
    private const int LongWindow = 600;

    /// <summary>So many windows are averaged plainly, until there is a usual time to follow.</summary>
    private const int Warmup = 10;

    private readonly long _window = time.TimestampFrequency / 10;
    private long _windowStart = long.MinValue;
    private double _sum;
    private int _count, _peak, _windows;
    private double _usual;

    private protected override double Next(double limit, long startedAt, long now, int running, LimitSample sample)
    {
        if (sample == LimitSample.Failure)
            return limit;
        if (_windowStart == long.MinValue)
            _windowStart = now;
        _sum += Math.Max(1, now - startedAt);
        _count++;
        _peak = Math.Max(_peak, running);
        if (now - _windowStart < _window || _count < LeastSamples)
            return limit;

        var present = _sum / _count;
        var used = _peak;
        (_windowStart, _sum, _count, _peak) = (now, 0, 0, 0);
        Follow(present);
        if (used * 2 < limit)
            return limit;
        var gradient = Math.Clamp(Tolerance * _usual / present, LeastGradient, MostGradient);
        return (limit * (1 - Smoothing)) + (((limit * gradient) + Math.Sqrt(limit)) * Smoothing);
    }

    private void Follow(double present)
    {
        _windows = Math.Min(_windows + 1, LongWindow);
        _usual += (present - _usual) * (_windows <= Warmup ? 1.0 / _windows : 2.0 / (LongWindow + 1));
        // After a long time of load the usual time is high; it comes down faster than the average would let it.
        if (_usual > 2 * present)
            _usual *= 0.9;
    }
}
