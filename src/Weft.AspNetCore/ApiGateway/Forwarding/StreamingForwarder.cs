using Microsoft.AspNetCore.Http;
using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>Forwards over the service's own transport.</summary>
internal sealed class StreamingForwarder : IForwarder
{
    public async ValueTask<AttemptOutcome> ForwardAsync(GatewayExchange exchange, Attempt attempt, CallDeadline deadline)
    {
        var body = RequestBody.Of(exchange.Context);
        HttpResponseMessage response;
        try
        {
            if (body is not null)
                await body.PeekAsync(exchange.Context.Request, deadline.Token).ConfigureAwait(false);
            var request = RequestHead.Make(exchange, attempt.Instance, body);
            response = await attempt.Service.Transport.SendAsync(request, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsExpected(e, body))
        {
            return body?.Failure is { } failure ? RequestFailure.Outcome(failure, deadline) : AttemptFailure.From(e, deadline);
        }
        try
        {
            using (response)
                return await AnswerAsync(exchange, response, deadline).ConfigureAwait(false);
        }
        finally
        {
            if (body is not null)
                await body.StopAsync().ConfigureAwait(false);
        }
    }

    private static async ValueTask<AttemptOutcome> AnswerAsync(GatewayExchange exchange, HttpResponseMessage upstream, CallDeadline deadline)
    {
        var response = exchange.Context.Response;
        var status = (int)upstream.StatusCode;
        deadline.Extend(ResponseBody.Idle);
        ResponseHead.Copy(upstream, response);
        var length = upstream.Content.Headers.ContentLength;
        if (HttpMethods.IsHead(exchange.Context.Request.Method) || length == 0 || status is 204 or 304)
            return new(AttemptResult.Answered, status, ResponseStarted: true);
        try
        {
            var stream = await upstream.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            exchange.BytesOut = await ResponseBody.CopyAsync(stream, response, deadline).ConfigureAwait(false);
            if (length is null)
                ResponseHead.CopyTrailers(upstream, response);
            return new(AttemptResult.Answered, status, ResponseStarted: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return AttemptFailure.From(e, deadline, status) with { ResponseStarted = true };
        }
    }

    // Reading the client's body may fail in any way; everything else must be a failure of the network.
    private static bool IsExpected(Exception e, RequestBody? body) =>
        body?.Failure is not null || e is HttpRequestException or IOException or OperationCanceledException;
}
