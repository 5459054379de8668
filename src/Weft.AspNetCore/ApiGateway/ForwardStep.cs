using Weft.AspNetCore.ApiGateway.Forwarding;
using Weft.Calls;
using Weft.ServiceRegistry;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Sends a request on to a service, attempt by attempt.</summary>
internal sealed class ForwardStep(CallPipeline calls, ServiceDirectory services, IForwarder streaming, IForwarder upgrades)
{
    public async ValueTask<Problem?> RunAsync(GatewayExchange exchange)
    {
        if (services.Current.Find(exchange.Route.Forward!) is not { } service || !calls.TryBegin(service, out var attempt))
            return ProblemKind.NoInstance.Plain;
        var forwarder = UpgradeForwarder.Wants(exchange.Context) ? upgrades : streaming;
        using var deadline = calls.Deadlines.Start(exchange.Route.Timeout, exchange.Context.RequestAborted);
        AttemptOutcome outcome;
        do
        {
            exchange.Instance = attempt.Instance;
            outcome = await forwarder.ForwardAsync(exchange, attempt, deadline).ConfigureAwait(false);
            calls.End(attempt, outcome);
        }
        while (calls.TryBeginAnother(attempt, outcome, out attempt));
        return Conclude(exchange, outcome);
    }

    private static Problem? Conclude(GatewayExchange exchange, in AttemptOutcome outcome)
    {
        if (outcome.Result == AttemptResult.Answered)
            return null;
        if (outcome.ResponseStarted || outcome.Result == AttemptResult.Cancelled)
        {
            // Part of an answer must never look like all of it.
            exchange.Abort(outcome.Result == AttemptResult.Cancelled);
            return null;
        }
        return outcome.Result switch
        {
            AttemptResult.ConnectFailed => ProblemKind.Unreachable.Plain,
            AttemptResult.Timeout => ProblemKind.UpstreamTimeout.Plain,
            AttemptResult.BadRequest => RequestFailure.Problem(outcome.Status),
            _ => ProblemKind.BadUpstream.Plain,
        };
    }
}
