using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>An answer whose head has come, however it came. Used by one request at a time, and disposed of once.</summary>
internal abstract class UpstreamAnswer : IDisposable
{
    /// <summary>Its status.</summary>
    public abstract int Status { get; }

    /// <summary>Sends it on to the client. Never throws for what either side does.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="clock">The clock of the attempt.</param>
    /// <param name="idle">How long nothing may flow.</param>
    /// <param name="keep">Takes a whole good answer; null when nobody does.</param>
    public abstract ValueTask<AttemptOutcome> PassAsync(GatewayExchange exchange, CallDeadline clock, TimeSpan idle, AnswerKeeper? keep);

    /// <inheritdoc/>
    public abstract void Dispose();
}
