using System.Net.Http.Json;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.CircuitBreaker;
using Weft.Concurrency;
using Weft.Options;
using Weft.Retry;
using Weft.Timeouts;

namespace Weft.Calls;

/// <summary>
/// Puts a policy around the requests of an <see cref="HttpClient"/>: what <c>weft run</c> does for the services of its file, in any program. Deadline, bulkhead, retry with
/// a budget, circuit breaker and attempt timeout work for each authority (scheme, host, port) by itself, so that one that is down does not take others with it;
/// what is known about them is shared by all handlers of one <see cref="WeftPolicies"/> entry. Safe for use from many threads.
/// </summary>
/// <remarks>
/// <para>An answer counts until its headers have come. When nothing helps, the last real answer is returned; without one, the last exception of the network is thrown.
/// A request that was not sent ends with <see cref="CircuitOpenException"/>, <see cref="BulkheadRejectedException"/> or <see cref="DeadlineExceededException"/>, one that took too
/// long with <see cref="AttemptTimeoutException"/>.</para>
/// <para>Once the headers have come, each read of the body may take <see cref="DeadlineOptions.Idle"/>; a body that is silent for longer ends with an
/// <see cref="IOException"/> whose inner exception is a <see cref="TimeoutException"/>. The synchronous <see cref="HttpClient.Send(HttpRequestMessage)"/> works too, and
/// blocks its thread also while it waits for a place or between attempts.</para>
/// <para>Repeated are idempotent methods and requests with an <c>Idempotency-Key</c>, as far as the length of their content is known and at most
/// <see cref="RetryOptions.Body"/> (it is read into memory first), or it is a <see cref="JsonContent"/>, which can be written again; content of another kind whose
/// length is not known is sent once. <see cref="Deadline.Current"/> shortens the deadline. The service is told the time that is left
/// (<c>weft-timeout-ms</c>) when <see cref="DeadlineOptions.Propagate"/> says so. <see cref="PolicyOptions.Hedge"/> needs several instances and
/// <see cref="PolicyOptions.Fallback"/> a gateway: both do nothing here. Set <see cref="HttpClient.Timeout"/> longer than the deadline, or to infinite.</para>
/// </remarks>
public sealed class WeftPolicyHandler : DelegatingHandler
{
    private readonly AuthorityServices _services;

    /// <summary>A handler with a policy of its own.</summary>
    /// <param name="policy">The policy; null for the built-in <c>standard</c>.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <exception cref="WeftConfigurationException">The policy makes no sense; the text says which value, what is allowed and what to do.</exception>
    public WeftPolicyHandler(PolicyOptions? policy = null, TimeProvider? time = null)
        : this(new AuthorityServices(WeftPolicies.Checked(policy ?? new()), time ?? TimeProvider.System, NullLogger.Instance, new Random()))
    {
    }

    internal WeftPolicyHandler(AuthorityServices services) => _services = services;

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => RunAsync(request, isBlocking: false, cancellationToken);

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var running = RunAsync(request, isBlocking: true, cancellationToken);
        return running.GetAwaiter().GetResult();
    }

    private async Task<HttpResponseMessage> RunAsync(HttpRequestMessage request, bool isBlocking, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.RequestUri is not { IsAbsoluteUri: true } address)
            return await SendInnerAsync(request, isBlocking, cancellation).ConfigureAwait(false);
        var service = _services.Of(address);
        var input = new CallInput("http", request.Method.Method)
        {
            HasIdempotencyKey = request.Headers.NonValidated.Contains("Idempotency-Key"),
            Limit = Deadline.Current is { IsNone: false } deadline ? deadline.Remaining : null,
        };
        var canRepeat = await CanRepeatAsync(request, input, service.Guard.Rules, cancellation).ConfigureAwait(false);
        var sender = new Sender(this, request, canRepeat, isBlocking);
        using var call = await _services.Calls.RunAsync(service, input, sender, cancellation).ConfigureAwait(false);
        if (call.Answer is not { } answer)
            throw Failure(call, sender.Last, address, cancellation);
        answer.Content = new IdleLimitedContent(answer.Content, service.Guard.Policy.Deadline.Idle, AuthorityServices.NameOf(address), _services.Time);
        return answer;
    }

    private static async ValueTask<bool> CanRepeatAsync(HttpRequestMessage request, CallInput input, RetryRules rules, CancellationToken cancellation)
    {
        if (request.Content is not { } content)
            return true;
        if (!rules.MayRepeat(input.Method, input.HasIdempotencyKey))
            return false;
        if (content is JsonContent)
            return true;
        if (content.Headers.ContentLength is not { } length || length > rules.MaxBody)
            return false;
        await content.LoadIntoBufferAsync(length, cancellation).ConfigureAwait(false);
        return true;
    }

    private static Exception Failure(in Call<HttpResponseMessage> call, Exception? last, Uri address, CancellationToken caller)
    {
        if (caller.IsCancellationRequested)
            return last as OperationCanceledException ?? new OperationCanceledException(caller);
        var authority = AuthorityServices.NameOf(address);
        switch (call.Rejection)
        {
            case Rejection.Breaker:
                return new CircuitOpenException(call.RetryAfter ?? TimeSpan.Zero);
            case Rejection.Bulkhead:
                return new BulkheadRejectedException($"As many requests to {authority} run as may. Come again later, or raise bulkhead.max.");
            case Rejection.None when call.Outcome.Result != AttemptResult.Timeout:
                ExceptionDispatchInfo.Throw(last!);
                return last!;
            case Rejection.None when !call.Attempt.IsShortened:
                return new AttemptTimeoutException(call.Attempt.Timeout, last);
            default:
                return new DeadlineExceededException(authority, TimeSpan.Zero, TimeSpan.Zero, call.Rejection == Rejection.None ? call.Attempt.Timeout : null, last);
        }
    }

    private Task<HttpResponseMessage> SendInnerAsync(HttpRequestMessage request, bool isBlocking, CancellationToken cancellation) =>
        isBlocking ? Task.FromResult(base.Send(request, cancellation)) : base.SendAsync(request, cancellation);

    private sealed class Sender(WeftPolicyHandler handler, HttpRequestMessage request, bool canRepeat, bool isBlocking) : ICallSender<HttpResponseMessage>
    {
        /// <summary>What the last attempt without an answer ended with.</summary>
        public Exception? Last { get; private set; }

        public bool CanHedge => false;

        public async ValueTask<Sent<HttpResponseMessage>> SendAsync(Attempt attempt)
        {
            try
            {
                // From the attempt before.
                request.Headers.Remove(CallHeaders.Attempt);
                request.Headers.Remove(DeadlineHeaders.Weft);
                CallHeaders.Write(request, attempt);
                var response = await handler.SendInnerAsync(request, isBlocking, attempt.Clock.Token).ConfigureAwait(false);
                return new(new(AttemptResult.Answered, (int)response.StatusCode), response)
                {
                    CanRepeat = canRepeat,
                    RetryAfter = RetryWait.Read(response.Headers.RetryAfter, handler._services.Now),
                };
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                Last = e;
                return new(AttemptFailure.From(e, attempt.Clock)) { CanRepeat = canRepeat };
            }
            catch (Exception e)
            {
                // Of a handler further in, or of the content: not the fault of the service. The call has to end as any other, or it would keep its place for ever.
                Last = e;
                return new(new(AttemptResult.BadRequest));
            }
        }

        public void Discard(HttpResponseMessage answer) => answer.Dispose();
    }
}
