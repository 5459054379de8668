using Weft.ServiceRegistry;

namespace Weft.Calls;

/// <summary>Calls services and reads whole answers. Follows no redirects and repeats nothing but a call that reached nobody, on another instance.</summary>
internal sealed class ServiceClient(CallPipeline calls)
{
    /// <summary>Sends a request and reads the answer.</summary>
    /// <param name="service">The service.</param>
    /// <param name="request">Makes the request for an instance; called once for each attempt.</param>
    /// <param name="timeout">For the whole call, with the body of the answer.</param>
    /// <param name="maxAnswer">How many bytes of the body are kept; what is beyond is not read.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What came of it; never throws for what the service did.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public async ValueTask<ServiceAnswer> SendAsync(
        Service service, Func<Instance, HttpRequestMessage> request, TimeSpan timeout, int maxAnswer, CancellationToken cancellation)
    {
        if (!calls.TryBegin(service, out var attempt))
            return new(new AttemptOutcome(AttemptResult.ConnectFailed, MayHaveSent: false), null, default);
        using var deadline = calls.Deadlines.Start(timeout, cancellation);
        while (true)
        {
            var answer = await SendOnceAsync(attempt, request(attempt.Instance), maxAnswer, deadline).ConfigureAwait(false);
            calls.End(attempt, answer.Outcome);
            cancellation.ThrowIfCancellationRequested();
            if (!calls.TryBeginAnother(attempt, answer.Outcome, out attempt))
                return answer;
        }
    }

    private static async ValueTask<ServiceAnswer> SendOnceAsync(Attempt attempt, HttpRequestMessage request, int maxAnswer, CallDeadline deadline)
    {
        var status = 0;
        try
        {
            using (request)
            {
                using var response = await attempt.Service.Transport.SendAsync(request, deadline.Token).ConfigureAwait(false);
                status = (int)response.StatusCode;
                var body = await ReadAsync(response.Content, maxAnswer, deadline.Token).ConfigureAwait(false);
                return new(new AttemptOutcome(AttemptResult.Answered, status), response.Headers.RetryAfter, body);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return new(AttemptFailure.From(e, deadline, status), null, default);
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, int max, CancellationToken cancellation)
    {
        var length = Math.Min(content.Headers.ContentLength ?? max, max);
        if (length == 0)
            return default;
        var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var body = new byte[length];
        var read = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return body.AsMemory(0, read);
    }
}
