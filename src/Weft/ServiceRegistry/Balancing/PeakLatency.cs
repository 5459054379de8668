namespace Weft.ServiceRegistry.Balancing;

/// <summary>
/// How fast an instance answers, as a moving average that follows a slower answer at once and a faster one slowly, as Finagle's peak EWMA does: one that becomes slow
/// is avoided with the first slow answer, and comes back as time wears that off. Safe for use from many threads.
/// </summary>
/// <param name="decay">In how many ticks of the timestamps what was seen falls to 37 %.</param>
internal sealed class PeakLatency(long decay)
{
    // What an instance costs that is being tried and has answered nothing yet: more than any that is known.
    private const double Unknown = 1e18;

    private readonly Lock _recording = new();
    private double _average;
    private long _at;

    /// <summary>An attempt ended.</summary>
    /// <param name="took">Its time, in ticks of the timestamps.</param>
    /// <param name="failed">Whether it failed: then it can only make the average worse, for failing fast is not being fast.</param>
    /// <param name="now">A timestamp.</param>
    public void Record(long took, bool failed, long now)
    {
        lock (_recording)
        {
            // Several threads may end in another order than they read the clock.
            var kept = Math.Exp(-(double)Math.Max(0, now - _at) / decay);
            if (took > _average)
                _average = took;
            else if (!failed)
                _average = (_average * kept) + (took * (1 - kept));
            else
                return;
            _at = now;
        }
    }

    /// <summary>What one more attempt would cost: the average, as far as it has not worn off, times the attempts there would be.</summary>
    /// <param name="inFlight">The attempts that run.</param>
    /// <param name="now">A timestamp.</param>
    public double Cost(long inFlight, long now)
    {
        var average = Volatile.Read(ref _average) * Math.Exp(-(double)Math.Max(0, now - Volatile.Read(ref _at)) / decay);
        return average > 0 ? average * (inFlight + 1) : inFlight > 0 ? Unknown + inFlight : 0;
    }
}
