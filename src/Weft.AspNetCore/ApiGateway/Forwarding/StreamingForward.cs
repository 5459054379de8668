using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.Calls;
using Weft.Retry;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>Forwards over the service's own transport, streaming both ways.</summary>
/// <param name="exchange">The request.</param>
/// <param name="keep">How many bytes of the body are kept to be sent again.</param>
/// <param name="idle">How long the answer may be silent.</param>
/// <param name="time">The time provider.</param>
internal sealed class StreamingForward(GatewayExchange exchange, long keep, TimeSpan idle, TimeProvider time) : IForward
{
    private readonly RequestBody? _body = RequestBody.Of(exchange.Context, keep);

    public AnswerKeeper? Keep { get; set; }

    /// <summary>A body can be read by one attempt only.</summary>
    public bool CanHedge => _body is null;

    public bool CanRepeat => _body is null or { CanRepeat: true };

    public ReadOnlyMemory<byte> KeptBody => _body?.Kept ?? default;

    public async ValueTask<Sent<HttpResponseMessage>> SendAsync(Attempt attempt)
    {
        try
        {
            if (_body is not null)
            {
                await _body.StopAsync().ConfigureAwait(false);
                await _body.PeekAsync(exchange.Context.Request, attempt.Clock.Token).ConfigureAwait(false);
            }
            var request = RequestHead.Make(exchange, attempt, _body?.Content(attempt.Clock, attempt.Timeout, idle));
            var response = await attempt.Service.Transport.SendAsync(request, attempt.Clock.Token).ConfigureAwait(false);
            _body?.Answered();
            return new(new(AttemptResult.Answered, (int)response.StatusCode), response)
            {
                CanRepeat = CanRepeat,
                IsOpenEnded = response.Content.Headers.ContentType?.MediaType == "text/event-stream",
                RetryAfter = RetryWait.Read(response.Headers.RetryAfter, time.GetUtcNow()),
            };
        }
        catch (Exception e) when (IsExpected(e))
        {
            return new(_body?.Failure is { } failure ? RequestFailure.Outcome(failure, attempt.Clock) : AttemptFailure.From(e, attempt.Clock))
            {
                CanRepeat = CanRepeat,
            };
        }
    }

    public void Discard(HttpResponseMessage answer) => answer.Dispose();

    /// <summary>Ends what still reads the request.</summary>
    public ValueTask DisposeAsync() => _body?.StopAsync() ?? default;

    public async ValueTask<AttemptOutcome> AnswerAsync(HttpResponseMessage answer, CallDeadline clock)
    {
        var response = exchange.Context.Response;
        var status = (int)answer.StatusCode;
        clock.Extend(idle);
        ResponseHead.Copy(answer, response);
        var length = answer.Content.Headers.ContentLength;
        var copy = Keep is not null && LastGoodAnswers.MayKeep(response) ? Keep.Begin() : null;
        if (HttpMethods.IsHead(exchange.Context.Request.Method) || length == 0 || status is 204 or 304)
            return new(AttemptResult.Answered, status, ResponseStarted: true);
        try
        {
            var stream = await answer.Content.ReadAsStreamAsync(clock.Token).ConfigureAwait(false);
            exchange.BytesOut = await ResponseBody.CopyAsync(stream, response, clock, idle, copy).ConfigureAwait(false);
            Keep?.End(copy, response);
            if (length is null)
                ResponseHead.CopyTrailers(answer, response);
            return new(AttemptResult.Answered, status, ResponseStarted: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return AttemptFailure.From(e, clock, status) with { ResponseStarted = true };
        }
    }

    // Reading the client's body may fail in any way; everything else must be a failure of the network.
    private bool IsExpected(Exception e) =>
        _body?.Failure is not null || e is HttpRequestException or IOException or OperationCanceledException;
}
