using Weft.Options;

namespace Weft.CircuitBreaker;

/// <summary>What is seen and done from outside the calls: status, other options, an operator's hand.</summary>
internal sealed partial class Breaker
{
    /// <summary>The phase as it stands, for what belongs to it.</summary>
    internal BreakerPhase Phase => _phase;

    /// <summary>True when it rejects everything because it was told to.</summary>
    internal bool IsForcedOpen => _rules.Mode == CircuitBreakerMode.ForcedOpen;

    /// <summary>True when it is closed by its own counting, which no time changes.</summary>
    public bool IsClosed => _phase.State == BreakerState.Closed;

    /// <summary>Whether a call would probably pass now. Takes nothing, so another call may be faster.</summary>
    /// <param name="now">A timestamp of the clock.</param>
    public bool WouldEnter(long now)
    {
        var (rules, phase) = (_rules, _phase);
        if (!rules.Judges || rules.Mode == CircuitBreakerMode.Observe)
            return rules.Mode != CircuitBreakerMode.ForcedOpen;
        return phase.State switch
        {
            BreakerState.Closed => true,
            BreakerState.Open => now >= phase.Until,
            _ => phase.Leases().Count < rules.Options.Probes,
        };
    }

    /// <summary>Whether it lets nothing pass, not even a call that tries. Takes nothing.</summary>
    /// <param name="now">A timestamp of the clock.</param>
    /// <param name="until">When that ends by itself; <see cref="long.MaxValue"/> when it does not.</param>
    internal bool IsShut(long now, out long until)
    {
        var (rules, phase) = (_rules, _phase);
        until = long.MaxValue;
        if (!rules.Judges || rules.Mode == CircuitBreakerMode.Observe)
            return rules.Mode == CircuitBreakerMode.ForcedOpen;
        until = phase.Until;
        return phase.State == BreakerState.Open && now < until;
    }

    /// <summary>
    /// How long a caller who was rejected should wait: while open the time that is left; half-open a second, or the time of being open when that is shorter, for the
    /// calls that try it decide soon; when forced open the time of being open, for nobody knows better.
    /// </summary>
    /// <param name="now">A timestamp of the clock.</param>
    public TimeSpan RetryAfter(long now) => RetryAfter(_phase, _rules, now);

    /// <summary>What it is like now.</summary>
    /// <param name="now">A timestamp of the clock.</param>
    public BreakerStatus Status(long now)
    {
        var rules = _rules;
        var phase = rules.Judges ? Current(now, rules) : _phase;
        var openings = phase.State == BreakerState.Closed && now - phase.Since >= rules.OpenMax ? 0 : phase.Openings;
        var failures = phase.State == BreakerState.Closed && rules.Options.Ratio is not null
            ? (int)phase.Window(rules.BucketWidth).Sums(now).Failures
            : phase.Failures;
        return new(
            rules.Effective(phase.State), rules.Mode, _time.GetElapsedTime(phase.Since, Math.Max(now, phase.Since)), openings, failures, phase.Successes,
            phase.Leases().Count, RetryAfter(phase, rules, now), Volatile.Read(ref _rejected), Volatile.Read(ref _late), phase.Generation);
    }

    /// <summary>
    /// Takes other options and keeps the state: what is open stays open as long as it was going to, counts go on (those of the window begin anew when its length
    /// changes), new limits hold from the next outcome, more probes from the next time it is half-open. The mode changes at once.
    /// </summary>
    /// <param name="next">The options. They must be valid.</param>
    public void Apply(CircuitBreakerOptions next) => Change(next, static (rules, options) => (options, rules.Forced));

    /// <summary>Puts an operator's mode above that of the options. What it would do by its own counting rests meanwhile.</summary>
    /// <param name="mode">The mode; null gives back to the options.</param>
    public void Force(CircuitBreakerMode? mode) => Change(mode, static (rules, forced) => (rules.Options, forced));

    /// <summary>Closes it and forgets its failures and openings. A mode that was forced stays.</summary>
    /// <param name="now">A timestamp of the clock.</param>
    public void Reset(long now)
    {
        BreakerPhase phase;
        do
            phase = _rules is { Judges: true } rules ? Current(now, rules) : _phase;
        while (!Move(phase, phase.Closed(0, now), BreakerReason.Reset, 0));
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private TimeSpan RetryAfter(BreakerPhase phase, BreakerRules rules, long now) => rules.Effective(phase.State) switch
    {
        BreakerState.Closed => TimeSpan.Zero,
        BreakerState.HalfOpen => Least(s_soon, rules.Options.Open),
        _ when !rules.Judges => rules.Options.Open,
        _ => now < phase.Until ? _time.GetElapsedTime(now, phase.Until) : TimeSpan.Zero,
    };

    private void Change<T>(T value, Func<BreakerRules, T, (CircuitBreakerOptions Options, CircuitBreakerMode? Forced)> change)
    {
        while (true)
        {
            var before = _rules;
            if (before.Judges)
                Current(_time.GetTimestamp(), before); // What time brought until now was under the old ones.
            var (options, forced) = change(before, value);
            var after = new BreakerRules(options, forced, _time.TimestampFrequency);
            if (Interlocked.CompareExchange(ref _rules, after, before) != before)
                continue;
            var phase = _phase;
            var (from, to) = (before.Effective(phase.State), after.Effective(phase.State));
            if (from != to)
                Tell(new(from, to, BreakerReason.Mode, 0, to == BreakerState.Open ? RetryAfter(phase, after, _time.GetTimestamp()) : TimeSpan.Zero, phase.Openings, phase.Generation, after.Mode));
            return;
        }
    }
}
