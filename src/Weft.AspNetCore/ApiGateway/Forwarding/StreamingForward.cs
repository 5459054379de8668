using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.AspNetCore.ApiGateway.Forwarding.Http1;
using Weft.Calls;
using Weft.Diagnostics;
using Weft.Retry;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>
/// Forwards, streaming both ways: over the instance's own plaintext connections where it has some, and over the service's transport otherwise. The attempts of one request may
/// go either way.
/// </summary>
/// <param name="exchange">The request.</param>
/// <param name="keep">How many bytes of the body are kept to be sent again.</param>
/// <param name="idle">How long the answer may be silent.</param>
/// <param name="isIdempotent">Whether the request means the same when it comes twice.</param>
/// <param name="time">The time provider.</param>
internal sealed class StreamingForward(GatewayExchange exchange, long keep, TimeSpan idle, bool isIdempotent, TimeProvider time) : IForward
{
    private readonly RequestBody? _body = RequestBody.Of(exchange, keep);

    public AnswerKeeper? Keep { get; set; }

    /// <summary>A body can be read by one attempt only.</summary>
    public bool CanHedge => _body is null;

    public bool CanRepeat => _body is null or { CanRepeat: true };

    public ReadOnlyMemory<byte> KeptBody => _body?.Kept ?? default;

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    public async ValueTask<Sent<UpstreamAnswer>> SendAsync(Attempt attempt)
    {
        try
        {
            if (_body is not null)
            {
                await _body.StopAsync().ConfigureAwait(false);
                await _body.PeekAsync(exchange.Context.Request, attempt.Clock.Token).ConfigureAwait(false);
            }
            if (attempt.Instance.Connections is not { } connections || !Http1Request.Fits(exchange.Context.Request))
                return await SendMessageAsync(attempt).ConfigureAwait(false);
            var pooled = connections.TryRent();
            while (true)
            {
                var answer = Http1Answer.On(pooled ?? await connections.ConnectAsync(attempt.Clock.Token).ConfigureAwait(false), connections);
                try
                {
                    return await answer.AskAsync(exchange, attempt, _body, idle, time).ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    answer.Cut();
                    if (pooled is null || !IsStale(e, answer, attempt))
                        throw;
                }
                // Over a new one, once.
                pooled = null;
                if (_body is not null)
                    await _body.StopAsync().ConfigureAwait(false);
            }
        }
        catch (BadHttpRequestException e) when (_body?.Failure is null)
        {
            return new(new(AttemptResult.BadRequest, e.StatusCode, MayHaveSent: false));
        }
        catch (Exception e) when (IsExpected(e))
        {
            return new(_body?.Failure is { } failure ? RequestFailure.Outcome(failure, attempt.Clock) : AttemptFailure.From(e, attempt.Clock))
            {
                CanRepeat = CanRepeat,
            };
        }
    }

    public void Discard(UpstreamAnswer answer) => answer.Dispose();

    /// <summary>Ends what still reads the request.</summary>
    public ValueTask DisposeAsync() => _body?.StopAsync() ?? default;

    public ValueTask<AttemptOutcome> AnswerAsync(UpstreamAnswer answer, CallDeadline clock) => answer.PassAsync(exchange, clock, idle, Keep);

    private async ValueTask<Sent<UpstreamAnswer>> SendMessageAsync(Attempt attempt)
    {
        var request = RequestHead.Make(exchange, attempt, _body?.Content(attempt.Clock, attempt.Timeout, idle));
        var response = await attempt.Service.Transport.SendAsync(request, attempt.Clock.Token).ConfigureAwait(false);
        _body?.Answered();
        return new(new(AttemptResult.Answered, (int)response.StatusCode), new MessageAnswer(response))
        {
            CanRepeat = CanRepeat,
            IsOpenEnded = response.Content.Headers.ContentType?.MediaType == "text/event-stream",
            RetryAfter = RetryWait.Read(response.Headers.RetryAfter, time.GetUtcNow()),
        };
    }

    // A connection that was idle may have been closed just now. That is no failure of anybody, as long as the request means the same when it comes twice.
    private bool IsStale(Exception e, Http1Answer answer, in Attempt attempt) =>
        e is IOException and not BadHttpRequestException && answer.IsStale && isIdempotent && CanRepeat && !attempt.Clock.Token.IsCancellationRequested;

    // Reading the client's body may fail in any way; everything else must be a failure of the network.
    private bool IsExpected(Exception e) =>
        _body?.Failure is not null || e is HttpRequestException or IOException or OperationCanceledException;
}
