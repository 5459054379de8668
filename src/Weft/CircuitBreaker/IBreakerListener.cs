namespace Weft.CircuitBreaker;

/// <summary>Hears of changes, on the thread whose call made them, after the change is in force. What it throws is dropped.</summary>
internal interface IBreakerListener
{
    /// <summary>The breaker changed.</summary>
    void OnTransition(in BreakerTransition transition);
}
