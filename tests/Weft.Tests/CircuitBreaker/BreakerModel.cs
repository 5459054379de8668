using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.Tests.CircuitBreaker;

/// <summary>What a breaker should do, written down in the simplest way: one thread, lists, and every change as soon as its time comes.</summary>
internal sealed class BreakerModel(CircuitBreakerOptions options, int seed, long start)
{
    private readonly Jitter _jitter = new(new Random(seed));
    private readonly List<Call> _leases = [];
    private readonly List<(long At, bool Failed, bool Slow)> _window = [];
    private CircuitBreakerOptions _options = options;
    private CircuitBreakerMode? _forced;
    private long _since = start, _until, _generation = 1, _windowWidth;
    private int _openings, _failures, _successes, _probes;
    private long _rejected, _late;
    private BreakerState _state;

    public sealed record Call(long Generation, long Start, bool IsProbe);

    private CircuitBreakerMode Mode => _forced ?? _options.Mode;

    private bool Judges => Mode is CircuitBreakerMode.Auto or CircuitBreakerMode.Observe;

    private long Width => _options.Ratio is null && _options.Slow is null ? 0 : _options.Window.Ticks / 10;

    /// <summary>True when the call is let in; no call when its outcome does not count.</summary>
    public bool Enter(long now, out Call? call)
    {
        Advance(now);
        call = null;
        if (Mode == CircuitBreakerMode.ForcedClosed)
            return true;
        if (Judges && _state == BreakerState.Closed)
            call = new(_generation, now, false);
        else if (Judges && _state == BreakerState.HalfOpen && _leases.Count < Math.Min(_probes, _options.Probes))
            _leases.Add(call = new(_generation, now, true));
        if (call is not null)
            return true;
        _rejected++;
        return Mode == CircuitBreakerMode.Observe;
    }

    public void Exit(Call? call, Verdict verdict, long now)
    {
        Advance(now);
        if (call is null)
            return;
        var returned = _leases.RemoveAll(l => ReferenceEquals(l, call)) > 0;
        if (call.Generation != _generation || (call.IsProbe && !returned))
        {
            _late++;
            return;
        }
        if (!Judges || verdict == Verdict.Ignore)
            return;
        var slow = _options.Slow is { } slowness && now - call.Start > slowness.Over.Ticks;
        var failed = verdict == Verdict.Failure;
        if (!call.IsProbe)
            Judge(failed, slow, now);
        else if (failed || slow)
            Open(now, 1);
        else if (++_successes >= _options.Successes)
            Begin(BreakerState.Closed, now);
    }

    public void Apply(CircuitBreakerOptions options, long now)
    {
        Advance(now);
        _options = options;
    }

    public void Force(CircuitBreakerMode? mode, long now)
    {
        Advance(now);
        _forced = mode;
    }

    public void Reset(long now)
    {
        Advance(now);
        _openings = 0;
        Begin(BreakerState.Closed, now);
    }

    public BreakerStatus Status(long now)
    {
        Advance(now);
        var effective = Mode switch { CircuitBreakerMode.ForcedOpen => BreakerState.Open, CircuitBreakerMode.ForcedClosed => BreakerState.Closed, _ => _state };
        var retryAfter = effective switch
        {
            BreakerState.Closed => TimeSpan.Zero,
            BreakerState.HalfOpen => TimeSpan.FromSeconds(Math.Min(1, _options.Open.TotalSeconds)),
            _ => Judges ? new TimeSpan(_until - now) : _options.Open,
        };
        var healthy = _state == BreakerState.Closed && now - _since >= _options.LongestOpen.Ticks;
        var failures = _state == BreakerState.Closed && _options.Ratio is not null ? Sums(now).Failures : _failures;
        return new(effective, Mode, new TimeSpan(now - _since), healthy ? 0 : _openings, failures, _successes, _leases.Count, retryAfter, _rejected, _late, _generation);
    }

    private void Judge(bool failed, bool slow, long now)
    {
        _failures = failed ? _failures + 1 : 0;
        if (failed && _options.Ratio is null && _failures >= _options.Failures)
        {
            Open(now, _failures);
            return;
        }
        if (Width == 0)
            return;
        Sums(now);
        _window.Add((now, failed, slow));
        var (calls, failures, slowOnes) = Sums(now);
        if (calls < _options.Minimum)
            return;
        if (failed && _options.Ratio is { } ratio && failures / (double)calls >= ratio)
            Open(now, failures);
        else if (slow && _options.Slow is { } slowness && slowOnes / (double)calls >= slowness.Ratio)
            Open(now, slowOnes);
    }

    private (int Calls, int Failures, int Slow) Sums(long now)
    {
        if (_windowWidth != Width)
            _window.Clear();
        _windowWidth = Width;
        long Bucket(long at) => (at - _since) / Width;
        var inside = _window.Where(c => Bucket(now) - Bucket(c.At) < 10).ToList();
        return (inside.Count, inside.Count(c => c.Failed), inside.Count(c => c.Slow));
    }

    private void Advance(long now)
    {
        while (Judges)
        {
            var due = _leases.Count == 0 ? long.MaxValue : _leases.Min(l => l.Start) + _options.ProbeTimeout.Ticks;
            if (_state == BreakerState.Open && now >= _until)
                Begin(BreakerState.HalfOpen, _until);
            else if (_state == BreakerState.HalfOpen && now >= due)
                Open(due, 1);
            else
                return;
        }
    }

    private void Open(long at, int failures)
    {
        _openings = _state == BreakerState.Closed && at - _since >= _options.LongestOpen.Ticks ? 1 : _openings + 1;
        double full = Math.Min(_options.Open.Ticks * Math.Pow(2, _openings - 1), _options.LongestOpen.Ticks), most = Math.Min(1.1 * full, _options.LongestOpen.Ticks);
        Begin(BreakerState.Open, at);
        _failures = failures;
        _until = at + (long)(0.9 * full + _jitter.Next() * (most - 0.9 * full));
    }

    private void Begin(BreakerState state, long at)
    {
        _failures = state == BreakerState.HalfOpen ? _failures : 0;
        (_state, _since, _successes, _probes) = (state, at, 0, _options.Probes);
        _generation++;
        _leases.Clear();
        _window.Clear();
    }
}
