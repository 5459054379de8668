using System.Globalization;
using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Says to a client why its request was not sent on, and when to come again.</summary>
internal static class RejectedProblem
{
    /// <summary>The problem for a rejection; null when the client is not there to read it.</summary>
    public static Problem? Of(GatewayExchange exchange, Rejection rejection, TimeSpan? retryAfter)
    {
        var headers = exchange.Context.Response.Headers;
        if (rejection == Rejection.Cancelled)
        {
            exchange.Abort(clientGone: true);
            return null;
        }
        if (rejection != Rejection.NoInstance)
            headers[CallHeaders.RejectedBy] = CallTelemetry.Name(rejection);
        if (rejection == Rejection.Deadline)
            headers[CallHeaders.DeadlineExpired] = "1";
        else if (retryAfter is { } after)
            // Rounded up: who comes a little early is rejected again.
            headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return rejection switch
        {
            Rejection.Breaker => ProblemKind.BreakerOpen.Plain,
            Rejection.Bulkhead => ProblemKind.Busy.Plain,
            Rejection.Deadline => ProblemKind.DeadlineExpired.Plain,
            _ => ProblemKind.NoInstance.Plain,
        };
    }

    /// <summary>The problem when the last attempt ran out of time.</summary>
    public static Problem TimedOut(GatewayExchange exchange, in Attempt attempt)
    {
        if (attempt.IsShortened)
            exchange.Context.Response.Headers[CallHeaders.DeadlineExpired] = "1";
        return ProblemKind.UpstreamTimeout.Plain;
    }
}
