using Weft.Retry;
using Weft.ServiceRegistry;

namespace Weft.Calls;

/// <summary>Calls services under their policies and reads whole answers. Follows no redirects.</summary>
internal sealed class ServiceClient(CallPipeline calls, TimeProvider time)
{
    /// <summary>Sends a request and reads the answer.</summary>
    /// <param name="service">The service.</param>
    /// <param name="input">What has to be known about the call.</param>
    /// <param name="request">Makes the request for an instance; called once for each attempt.</param>
    /// <param name="maxAnswer">How many bytes of the body are kept; what is beyond is not read.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What came of it; never throws for what the service did.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public async ValueTask<ServiceAnswer> SendAsync(
        Service service, CallInput input, Func<Instance, HttpRequestMessage> request, int maxAnswer, CancellationToken cancellation)
    {
        using var call = await calls.RunAsync(service, input, new Sender(request, maxAnswer, time), cancellation).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        return new(call.Rejection, call.Outcome, call.RetryAfter, call.Answer);
    }

    private sealed class Sender(Func<Instance, HttpRequestMessage> make, int maxAnswer, TimeProvider time) : ICallSender<byte[]>
    {
        public bool CanHedge => true;

        public async ValueTask<Sent<byte[]>> SendAsync(Attempt attempt)
        {
            var status = 0;
            try
            {
                using var request = make(attempt.Instance);
                CallHeaders.Write(request, attempt);
                using var response = await attempt.Service.Transport.SendAsync(request, attempt.Clock.Token).ConfigureAwait(false);
                status = (int)response.StatusCode;
                var body = await ReadAsync(response.Content, maxAnswer, attempt.Clock.Token).ConfigureAwait(false);
                return new(new(AttemptResult.Answered, status), body) { CanRepeat = true, RetryAfter = RetryWait.Read(response.Headers.RetryAfter, time.GetUtcNow()) };
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                return new(AttemptFailure.From(e, attempt.Clock, status)) { CanRepeat = true };
            }
        }

        public void Discard(byte[] answer)
        {
        }

        private static async ValueTask<byte[]> ReadAsync(HttpContent content, int max, CancellationToken cancellation)
        {
            var length = Math.Min(content.Headers.ContentLength ?? max, max);
            if (length == 0)
                return [];
            var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var body = new byte[length];
            var read = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            return read == body.Length ? body : body[..read];
        }
    }
}
