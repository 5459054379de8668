using Weft.Options;

namespace Weft.CircuitBreaker;

/// <summary>One change of a circuit breaker.</summary>
/// <param name="From">What it was.</param>
/// <param name="To">What it is.</param>
/// <param name="Reason">Why.</param>
/// <param name="Failures">The failures that opened it; with <see cref="BreakerReason.SlowRatio"/>, the slow calls within the window. 0 when it did not open.</param>
/// <param name="RetryAfter">When it opened: how long it stays open. Otherwise zero.</param>
/// <param name="Openings">How often it opened since it was last healthy.</param>
/// <param name="Generation">The number of the new state. Changes of several threads may be told out of order: the higher number is the later one.
/// A change of the mode has the number of the state below it.</param>
/// <param name="Mode">The mode in force. In <see cref="CircuitBreakerMode.Observe"/> nothing is rejected: this is what would have happened.</param>
/// <param name="Partition">Which of several breakers of one strategy; null for the one without a key.</param>
public readonly record struct BreakerTransition(
    BreakerState From,
    BreakerState To,
    BreakerReason Reason,
    int Failures,
    TimeSpan RetryAfter,
    int Openings,
    long Generation,
    CircuitBreakerMode Mode,
    string? Partition = null);
