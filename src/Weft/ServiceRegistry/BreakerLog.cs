using Microsoft.Extensions.Logging;
using Weft.CircuitBreaker;
using Weft.Diagnostics;
using Weft.Options;

namespace Weft.ServiceRegistry;

/// <summary>Tells people and metrics what a circuit breaker does.</summary>
/// <param name="log">Where.</param>
/// <param name="service">The service.</param>
/// <param name="instance">The instance; null for the breaker of the whole service.</param>
/// <param name="isUsed">Whether the breaker guards anything now; null for always. Nothing is told of one that does not.</param>
/// <param name="changed">Is called with each change, before it is told; null for nobody.</param>
internal sealed partial class BreakerLog(ILogger log, string service, string? instance, Func<bool>? isUsed = null, Action? changed = null) : IBreakerListener
{
    // The service of an HttpClient is called by its address, which says which instance it is.
    private readonly string _who = instance is null || service.EndsWith("://" + instance, StringComparison.Ordinal) ? service : $"{service} {instance}";

    /// <inheritdoc/>
    public void OnTransition(in BreakerTransition transition)
    {
        changed?.Invoke();
        if (isUsed?.Invoke() == false)
            return;
        WeftMeter.BreakerTransitions.Add(1, new("service", service), new("instance", instance ?? ""), new("state", Word(transition.To)));
        if (transition.Mode == CircuitBreakerMode.Observe)
            Observed(log, _who, Word(transition.To), Why(transition));
        else if (transition.Mode == CircuitBreakerMode.ForcedOpen)
            Forced(log, _who, "open", "nothing is sent there");
        else if (transition.Mode == CircuitBreakerMode.ForcedClosed)
            Forced(log, _who, "closed", "everything is sent there");
        else if (transition.To == BreakerState.Open)
            Opened(log, _who, Why(transition), transition.RetryAfter.TotalSeconds);
        else if (transition.To == BreakerState.Closed)
            Closed(log, _who, Why(transition));
        else
            HalfOpen(log, _who);
    }

    /// <summary>The word for a state.</summary>
    public static string Word(BreakerState state) => state switch
    {
        BreakerState.Closed => "closed",
        BreakerState.Open => "open",
        _ => "half-open",
    };

    private static string Why(in BreakerTransition transition) => transition.Reason switch
    {
        BreakerReason.Failures => $"{transition.Failures} failures in a row",
        BreakerReason.FailureRatio => $"{transition.Failures} failures, too large a share",
        BreakerReason.SlowRatio => $"{transition.Failures} slow calls, too large a share",
        BreakerReason.ProbeFailed => "a call that tried it failed",
        BreakerReason.ProbeSlow => "a call that tried it was slow",
        BreakerReason.ProbeTimeout => "a call that tried it did not end",
        BreakerReason.ProbesSucceeded => "the calls that tried it succeeded",
        BreakerReason.OpenTimeOver => "its time is over",
        BreakerReason.Reset => "an operator closed it",
        _ => "nothing forces it any more",
    };

    [LoggerMessage(7001, LogLevel.Warning, "{Who}: the circuit breaker is open ({Reason}); it is left alone for {Seconds:0.##} s.")]
    private static partial void Opened(ILogger logger, string who, string reason, double seconds);

    [LoggerMessage(7002, LogLevel.Information, "{Who}: the circuit breaker is closed again ({Reason}).")]
    private static partial void Closed(ILogger logger, string who, string reason);

    [LoggerMessage(7003, LogLevel.Information, "{Who}: the circuit breaker lets calls try whether it works again.")]
    private static partial void HalfOpen(ILogger logger, string who);

    [LoggerMessage(7004, LogLevel.Information, "{Who}: the circuit breaker only watches; it would be {State} now ({Reason}).")]
    private static partial void Observed(ILogger logger, string who, string state, string reason);

    [LoggerMessage(7005, LogLevel.Warning, "{Who}: the circuit breaker is forced {State} by an operator or the file; {Meaning} until it is auto again.")]
    private static partial void Forced(ILogger logger, string who, string state, string meaning);
}
