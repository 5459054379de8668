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
/// <para>Repeated are idempotent methods and requests with an <c>Idempotency-Key</c>, as far as the length of their content is known and at most
/// <see cref="RetryOptions.Body"/>; such content is read into memory first. <see cref="Deadline.Current"/> shortens the deadline. The service is told the time that is left
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
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.RequestUri is not { IsAbsoluteUri: true } address)
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var service = _services.Of(address);
        var input = new CallInput("http", request.Method.Method)
        {
            HasIdempotencyKey = request.Headers.NonValidated.Contains("Idempotency-Key"),
            Limit = Deadline.Current is { IsNone: false } deadline ? deadline.Remaining : null,
        };
        var sender = new Sender(this, request, await CanRepeatAsync(request, input, service.Guard.Rules, cancellationToken).ConfigureAwait(false));
        using var call = await _services.Calls.RunAsync(service, input, sender, cancellationToken).ConfigureAwait(false);
        return call.Answer ?? throw Failure(call, sender.Last, address, cancellationToken);
    }

    private static async ValueTask<bool> CanRepeatAsync(HttpRequestMessage request, CallInput input, RetryRules rules, CancellationToken cancellation)
    {
        if (request.Content is not { } content)
            return true;
        if (!rules.MayRepeat(input.Method, input.HasIdempotencyKey) || content.Headers.ContentLength is not { } length || length > rules.MaxBody)
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

    private Task<HttpResponseMessage> SendInnerAsync(HttpRequestMessage request, CancellationToken cancellation) => base.SendAsync(request, cancellation);

    private sealed class Sender(WeftPolicyHandler handler, HttpRequestMessage request, bool canRepeat) : ICallSender<HttpResponseMessage>
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
                var response = await handler.SendInnerAsync(request, attempt.Clock.Token).ConfigureAwait(false);
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
