using Polly;

namespace Weft.CircuitBreaker;

/// <summary>
/// A circuit breaker rejected a call, which was not made. Rejecting is cheap: the exception is made once for each time that a breaker is open and given to all callers
/// that it rejects meanwhile, and it is not thrown within the pipeline. So compare it by its type, do not write to its <see cref="Exception.Data"/>, and do not expect
/// the stack trace of one of several concurrent callers in it.
/// </summary>
public sealed class CircuitOpenException : ExecutionRejectedException
{
    private readonly TimeProvider? _time;
    private readonly long _until;
    private readonly TimeSpan _retryAfter;

    /// <summary>Makes one with a fixed <see cref="RetryAfter"/>, for tests of what deals with it.</summary>
    /// <param name="retryAfter">How long to wait; zero or more.</param>
    public CircuitOpenException(TimeSpan retryAfter)
        : base(Text(BreakerState.Open)) => _retryAfter = retryAfter;

    internal CircuitOpenException(BreakerState state, TimeSpan retryAfter)
        : base(Text(state)) => _retryAfter = retryAfter;

    internal CircuitOpenException(TimeProvider time, long until)
        : this(TimeSpan.Zero) => (_time, _until) = (time, until);

    /// <summary>
    /// How long to wait before another call, from the moment of reading: what is left of the time of being open, zero when it is over. For HTTP, round up to seconds.
    /// </summary>
    public TimeSpan RetryAfter =>
        _time?.GetTimestamp() is not { } now ? _retryAfter : now < _until ? _time.GetElapsedTime(now, _until) : TimeSpan.Zero;

    private static string Text(BreakerState state) => state == BreakerState.HalfOpen
        ? "The call was not made: the circuit breaker is half-open, and other calls are trying it."
        : "The call was not made: the circuit breaker is open after failures, or was forced open. RetryAfter says how long to wait.";
}
