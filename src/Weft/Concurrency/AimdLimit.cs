namespace Weft.Concurrency;

/// <summary>
/// Adds one for as many successes as the limit is high, takes a tenth off for a failure (Chiu and Jain). Calls that failed together are one sign of overload, not
/// many: after a decrease, only the failure of a call that began later is the next one, as TCP does once a round trip.
/// </summary>
internal sealed class AimdLimit(int min, int max, int initial) : AdaptiveLimit(min, max, initial)
{
    private const double Decrease = 0.9;

    private long _decreasedAt = long.MinValue;

    private protected override double Next(double limit, long startedAt, long now, int running, LimitSample sample)
    {
        if (sample == LimitSample.Success)
            return running * 2 < limit ? limit : limit + (1 / limit); // What is not used says nothing about whether more could be borne.
        if (startedAt < _decreasedAt)
            return limit;
        _decreasedAt = now;
        return limit * Decrease;
    }
}
