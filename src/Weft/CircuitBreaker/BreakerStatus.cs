using Weft.Options;

namespace Weft.CircuitBreaker;

/// <summary>Whether calls pass a circuit breaker.</summary>
public enum BreakerState
{
    /// <summary>All pass.</summary>
    Closed,

    /// <summary>None passes.</summary>
    Open,

    /// <summary>A few pass, to try whether who is called works again.</summary>
    HalfOpen,
}

/// <summary>Why a circuit breaker changed.</summary>
public enum BreakerReason
{
    /// <summary>Too many failures in a row.</summary>
    Failures,

    /// <summary>Too large a share of calls failed.</summary>
    FailureRatio,

    /// <summary>Too large a share of calls was slow.</summary>
    SlowRatio,

    /// <summary>The time of being open is over.</summary>
    OpenTimeOver,

    /// <summary>A call that tried it failed.</summary>
    ProbeFailed,

    /// <summary>A call that tried it was slow.</summary>
    ProbeSlow,

    /// <summary>A call that tried it did not end in time.</summary>
    ProbeTimeout,

    /// <summary>Enough calls in a row that tried it succeeded.</summary>
    ProbesSucceeded,

    /// <summary>An operator closed it.</summary>
    Reset,

    /// <summary>The mode changed, by an operator or with the options.</summary>
    Mode,
}

/// <summary>A circuit breaker at one moment.</summary>
/// <param name="State">Whether calls pass; what the mode forces, if it forces anything.</param>
/// <param name="Mode">The mode in force: the operator's, or that of the options.</param>
/// <param name="InState">For how long it has been closed, open or half-open by its own counting.</param>
/// <param name="Openings">How often it opened since it was last healthy; 0 when it is. Each doubles the time of being open.</param>
/// <param name="Failures">Closed: failures in a row, or within the window when a ratio is set. Otherwise those that opened it.</param>
/// <param name="Successes">Half-open: successes so far; otherwise 0.</param>
/// <param name="Probes">Half-open: calls that try it now; otherwise 0.</param>
/// <param name="RetryAfter">How long a caller who is rejected now should wait; zero when it is closed.</param>
/// <param name="Rejected">Calls rejected since it was made; those that would have been in mode <see cref="CircuitBreakerMode.Observe"/>.</param>
/// <param name="Late">Outcomes that came after the state they belonged to, and changed nothing.</param>
/// <param name="Generation">The number of its state; grows by one with each change.</param>
public readonly record struct BreakerStatus(
    BreakerState State,
    CircuitBreakerMode Mode,
    TimeSpan InState,
    int Openings,
    int Failures,
    int Successes,
    int Probes,
    TimeSpan RetryAfter,
    long Rejected,
    long Late,
    long Generation);
