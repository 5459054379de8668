using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.Calls;
using Yarp.ReverseProxy.Forwarder;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>Forwards WebSockets, over HTTP/1.1 and HTTP/2, through YARP's forwarder.</summary>
internal sealed class UpgradeForward(IHttpForwarder yarp, GatewayExchange exchange) : IForward
{
    // Open connections may be silent for as long as they like: a ping is the business of their ends.
    private static readonly ForwarderRequestConfig s_config = new() { ActivityTimeout = TimeSpan.FromDays(1) };

    /// <summary>Whether a request wants to become a WebSocket. Other upgrades are not offered to the service.</summary>
    public static bool Wants(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true }
        || (context.Request.Headers.Upgrade is [{ } protocol] && protocol.Equals("websocket", StringComparison.OrdinalIgnoreCase)
            && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true });

    public AnswerKeeper? Keep { get; set; }

    public bool CanHedge => false;

    public async ValueTask<Sent<UpstreamAnswer>> SendAsync(Attempt attempt)
    {
        var context = exchange.Context;
        var error = await yarp.SendAsync(
            context, attempt.Instance.Prefix, attempt.Service.Transport, s_config, new Transformer(exchange, attempt), attempt.Clock.Token).ConfigureAwait(false);
        if (error == ForwarderError.None)
            return new(new(AttemptResult.Answered, context.Response.StatusCode, ResponseStarted: true));
        var started = context.Response.HasStarted;
        if (attempt.Clock.CallerGone)
            return new(new(AttemptResult.Cancelled, ResponseStarted: started));
        if (started)
            return new(new(AttemptResult.Reset, context.Response.StatusCode, ResponseStarted: true));
        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        return new(AttemptFailure.From(exception ?? new IOException("No cause was given."), attempt.Clock)) { CanRepeat = true };
    }

    public void Discard(UpstreamAnswer answer) => answer.Dispose();

    public ValueTask<AttemptOutcome> AnswerAsync(UpstreamAnswer answer, CallDeadline clock) => throw new NotSupportedException("The attempt has answered.");

    public bool CanRepeat => !exchange.Context.Response.HasStarted;

    public ReadOnlyMemory<byte> KeptBody => default;

    /// <summary>Nothing reads the request any more.</summary>
    public ValueTask DisposeAsync() => default;

    private sealed class Transformer(GatewayExchange exchange, Attempt attempt) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
            proxyRequest.RequestUri = attempt.Instance.Address(exchange.Target);
            var change = exchange.Route.Request;
            foreach (var (name, _) in httpContext.Request.Headers)
            {
                if ((HopFields.EndsRequest(name) && !IsUpgrade(name)) || (change is not null && change.Replaces(name)))
                    proxyRequest.Headers.Remove(name);
            }
            foreach (var header in exchange.Route.Auth?.PrivateHeaders ?? [])
                proxyRequest.Headers.Remove(header);
            var fields = new MessageFields(proxyRequest);
            foreach (var (name, value) in change is null ? [] : exchange.Headers)
                fields.Add(name, value);
            RequestHead.Write(exchange, ref fields);
            CallHeaders.Write(proxyRequest, attempt);
        }

        public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            attempt.Clock.Extend(Timeout.InfiniteTimeSpan);
            return base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }

        private static bool IsUpgrade(string name) =>
            name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase) || name.Equals("Connection", StringComparison.OrdinalIgnoreCase);
    }
}
