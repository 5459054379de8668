using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>Sends a request on to one instance and its answer back, streaming both ways.</summary>
internal interface IForwarder
{
    /// <summary>Forwards. Never throws for what the instance or the caller did; the outcome says whether another attempt is possible.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="attempt">Where to.</param>
    /// <param name="deadline">Ends at the response headers; from then on it is extended as long as data flows.</param>
    ValueTask<AttemptOutcome> ForwardAsync(GatewayExchange exchange, Attempt attempt, CallDeadline deadline);
}
