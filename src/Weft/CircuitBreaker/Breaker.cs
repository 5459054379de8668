using System.Runtime.CompilerServices;
using Weft.Options;

namespace Weft.CircuitBreaker;

/// <summary>
/// Leaves who is called alone after failures, and tries it again after a time (Nygard, Release It!). Closed, open and half-open are phases; a change is one exchange
/// of the reference to the phase, without a lock, and nothing of the user runs within it. Nothing waits and there are no timers: what time brings (the end of being
/// open, a probe that is overdue) is found at the next use, and is then as if a timer had done it. Only the monotonic clock is read.
/// For many threads at once.
/// </summary>
internal sealed partial class Breaker
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Jitter _jitter;
    private readonly IBreakerListener? _listener;
    private volatile BreakerRules _rules;
    private volatile BreakerPhase _phase;
    private long _rejected, _late;

    /// <summary>Makes one that is closed.</summary>
    /// <param name="options">When it opens and closes. They must be valid.</param>
    /// <param name="time">Its clock; only timestamps are read.</param>
    /// <param name="chance">Where the differences between times of being open come from; null for a seed of its own. Only used here.</param>
    /// <param name="listener">Who hears of changes.</param>
    public Breaker(CircuitBreakerOptions options, TimeProvider time, Random? chance = null, IBreakerListener? listener = null)
    {
        _time = time;
        _jitter = new Jitter(chance);
        _listener = listener;
        _rules = new BreakerRules(options, null, time.TimestampFrequency);
        _phase = BreakerPhase.First(time.GetTimestamp());
    }

    /// <summary>The options in force.</summary>
    public CircuitBreakerOptions Options => _rules.Options;

    /// <summary>Asks for a call.</summary>
    /// <param name="now">A timestamp of the clock, read by the caller.</param>
    /// <param name="ticket">To be given back when the call ends, however it ends.</param>
    /// <returns>False when the call must not be made.</returns>
    public bool TryEnter(long now, out BreakerTicket ticket)
    {
        var phase = _phase;
        if (phase.State != BreakerState.Closed || !_rules.Judges)
            return TryEnterRarely(now, out ticket);
        ticket = new BreakerTicket(phase, now);
        return true;
    }

    /// <summary>Asks for a call, and reads the clock only where its time matters: not while closed and counting failures in a row.</summary>
    /// <param name="ticket">To be given back when the call ends, however it ends.</param>
    public bool TryEnter(out BreakerTicket ticket)
    {
        var phase = _phase;
        if (phase.State != BreakerState.Closed || !_rules.CountsRows)
            return TryEnter(_time.GetTimestamp(), out ticket);
        ticket = new BreakerTicket(phase);
        return true;
    }

    /// <summary>
    /// Asks for a call of the usual kind, for which no ticket has to be carried: the breaker is closed and counts failures in a row. Ends with
    /// <see cref="Succeed"/>, or as any other with a ticket of the phase.
    /// </summary>
    /// <returns>The phase; null when <see cref="TryEnter(out BreakerTicket)"/> has to be asked.</returns>
    public BreakerPhase? EnterClosed()
    {
        var phase = _phase;
        return phase.State == BreakerState.Closed && _rules.CountsRows ? phase : null;
    }

    /// <summary>Says that a call that <see cref="EnterClosed"/> let in succeeded.</summary>
    public void Succeed(BreakerPhase phase)
    {
        if (EndsRow(phase, -1))
            phase.ResetFailures();
        else
            ExitRarely(new(phase), Verdict.Success, _time.GetTimestamp());
    }

    /// <summary>Says how a call ended. Exactly once for each ticket.</summary>
    /// <param name="ticket">What the call got from <see cref="TryEnter(long, out BreakerTicket)"/>.</param>
    /// <param name="verdict">What the outcome says.</param>
    /// <param name="now">A timestamp of the clock, read by the caller when the call ended.</param>
    public void Exit(in BreakerTicket ticket, Verdict verdict, long now)
    {
        if (verdict == Verdict.Success && ticket.Phase is { } phase && EndsRow(phase, ticket.Lease))
            phase.ResetFailures();
        else
            ExitRarely(ticket, verdict, now);
    }

    /// <summary>Says how a call ended, and reads the clock only where its time matters.</summary>
    /// <param name="ticket">What the call got.</param>
    /// <param name="verdict">What the outcome says.</param>
    public void Exit(in BreakerTicket ticket, Verdict verdict)
    {
        if (verdict == Verdict.Success && ticket.Phase is { } phase && EndsRow(phase, ticket.Lease))
            phase.ResetFailures();
        else
            ExitRarely(ticket, verdict, _time.GetTimestamp());
    }

    /// <summary>Whether a success does nothing but end a row of failures: the way of nearly all calls.</summary>
    private bool EndsRow(BreakerPhase phase, int lease) => lease < 0 && phase == _phase && _rules.CountsRows;

    // Not inlined, so that what is usual stays small.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryEnterRarely(long now, out BreakerTicket ticket)
    {
        while (true)
        {
            var rules = _rules;
            ticket = default;
            if (rules.Mode == CircuitBreakerMode.ForcedClosed)
                return true;
            if (rules.Judges)
            {
                var phase = Current(now, rules);
                var lease = -1;
                if (phase.State == BreakerState.Closed || (phase.State == BreakerState.HalfOpen && phase.TryLease(now, rules.Options.Probes, out lease)))
                {
                    ticket = new BreakerTicket(phase, now, lease);
                    if (phase == _phase)
                        return true;
                    continue; // It changed before the lease was taken: this call is for the new phase to decide.
                }
            }
            Interlocked.Increment(ref _rejected);
            return rules.Mode == CircuitBreakerMode.Observe;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ExitRarely(in BreakerTicket ticket, Verdict verdict, long now)
    {
        if (ticket.Phase is not { } phase)
            return;
        if (ticket.Lease >= 0)
            ExitProbe(phase, ticket, verdict, now);
        else if (phase != _phase)
            Interlocked.Increment(ref _late);
        else if (_rules is { Judges: true } rules && verdict != Verdict.Ignore)
            Judge(phase, rules, verdict, IsSlow(ticket, rules, now), now);
    }

    private void ExitProbe(BreakerPhase phase, in BreakerTicket ticket, Verdict verdict, long now)
    {
        var rules = _rules;
        // First what time brought: a probe that is overdue has failed already.
        var current = rules.Judges ? Current(now, rules) : _phase;
        var returned = phase.Return(ticket.Lease, ticket.Start);
        if (phase != current || !returned)
            Interlocked.Increment(ref _late);
        else if (!rules.Judges || verdict == Verdict.Ignore)
            return;
        else if (verdict == Verdict.Failure)
            Open(phase, rules, now, BreakerReason.ProbeFailed, 1);
        else if (IsSlow(ticket, rules, now))
            Open(phase, rules, now, BreakerReason.ProbeSlow, 1);
        else if (phase.AddSuccess() >= rules.Options.Successes)
            Move(phase, phase.Closed(phase.Openings, now), BreakerReason.ProbesSucceeded, 0);
    }

    private void Judge(BreakerPhase phase, BreakerRules rules, Verdict verdict, bool slow, long now)
    {
        var failed = verdict == Verdict.Failure;
        var row = 0;
        if (failed)
            row = phase.AddFailure();
        else
            phase.ResetFailures();
        if (failed && rules.Options.Ratio is null && row >= rules.Options.Failures)
        {
            Open(phase, rules, now, BreakerReason.Failures, row);
            return;
        }
        if (rules.BucketWidth == 0)
            return;

        var window = phase.Window(rules.BucketWidth);
        window.Add(failed, slow, now);
        if (!failed && !slow)
            return;
        var (calls, failures, slowOnes) = window.Sums(now);
        if (calls < rules.Options.Minimum)
            return;
        if (failed && rules.Options.Ratio is { } ratio && (double)failures / calls >= ratio)
            Open(phase, rules, now, BreakerReason.FailureRatio, (int)failures);
        else if (slow && rules.Options.Slow is { } slowness && (double)slowOnes / calls >= slowness.Ratio)
            Open(phase, rules, now, BreakerReason.SlowRatio, (int)slowOnes);
    }

    private static bool IsSlow(in BreakerTicket ticket, BreakerRules rules, long now) =>
        ticket.Start != BreakerTicket.NoStart && now - ticket.Start > rules.SlowAfter;

    /// <summary>The phase after what time brought until now.</summary>
    private BreakerPhase Current(long now, BreakerRules rules)
    {
        while (true)
        {
            var phase = _phase;
            if (phase.State == BreakerState.Open && now >= phase.Until)
                Move(phase, phase.HalfOpen(rules.Options.Probes), BreakerReason.OpenTimeOver, 0);
            else if (phase.State == BreakerState.HalfOpen && phase.Leases().Oldest is var oldest and < long.MaxValue && now - oldest >= rules.ProbeTimeout)
                Open(phase, rules, oldest + rules.ProbeTimeout, BreakerReason.ProbeTimeout, 1);
            else
                return phase;
        }
    }

    private void Open(BreakerPhase from, BreakerRules rules, long at, BreakerReason reason, int failures)
    {
        var healthy = from.State == BreakerState.Closed && at - from.Since >= rules.OpenMax;
        var openings = healthy ? 1 : from.Openings + 1;
        Move(from, from.Open(openings, failures, at, rules.OpenFor(openings, _jitter.Next())), reason, failures);
    }

    private bool Move(BreakerPhase from, BreakerPhase to, BreakerReason reason, int failures)
    {
        if (Interlocked.CompareExchange(ref _phase, to, from) != from)
            return false;
        var wait = to.State == BreakerState.Open ? _time.GetElapsedTime(to.Since, to.Until) : TimeSpan.Zero;
        var rules = _rules;
        if (rules.Judges && from.State != to.State)
            Tell(new(from.State, to.State, reason, failures, wait, to.Openings, to.Generation, rules.Mode));
        return true;
    }

    private void Tell(in BreakerTransition transition)
    {
        try
        {
            _listener?.OnTransition(transition);
        }
        catch (Exception)
        {
            // The change is in force; whoever wanted to hear of it must not stop calls.
        }
    }
}
