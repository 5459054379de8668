using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>An answer of the service's transport.</summary>
internal sealed class MessageAnswer(HttpResponseMessage message) : UpstreamAnswer
{
    public override int Status => (int)message.StatusCode;

    public override async ValueTask<AttemptOutcome> PassAsync(GatewayExchange exchange, CallDeadline clock, TimeSpan idle, AnswerKeeper? keep)
    {
        var response = exchange.Context.Response;
        clock.Extend(idle);
        ResponseHead.Copy(message, response);
        exchange.Route.Response?.ChangeHead(exchange.Context);
        var length = message.Content.Headers.ContentLength;
        var copy = keep is not null && LastGoodAnswers.MayKeep(response) ? keep.Begin() : null;
        if (HttpMethods.IsHead(exchange.Method) || length == 0 || Status is 204 or 304)
            return new(AttemptResult.Answered, Status, ResponseStarted: true);
        try
        {
            var stream = await message.Content.ReadAsStreamAsync(clock.Token).ConfigureAwait(false);
            exchange.BytesOut = await ResponseBody.CopyAsync(stream, response, clock, idle, copy).ConfigureAwait(false);
            keep?.End(copy, response);
            if (length is null)
                ResponseHead.CopyTrailers(message, response);
            return new(AttemptResult.Answered, Status, ResponseStarted: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return AttemptFailure.From(e, clock, Status) with { ResponseStarted = true };
        }
    }

    public override void Dispose() => message.Dispose();
}
