using System.Collections.Concurrent;
using Weft.ServiceRegistry;

namespace Weft.Testing;

/// <summary>Answers in place of all services; what has no answer is remembered as an error of the test.</summary>
internal sealed class FakeServices(HarnessRecord record) : ITransportSource
{
    private readonly ConcurrentDictionary<string, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>> _answers = new(StringComparer.Ordinal);

    /// <summary>Says how a service answers from now on.</summary>
    public void Set(string service, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) => _answers[service] = answer;

    /// <inheritdoc/>
    public HttpMessageHandler Of(string service) => new Fake(service, this, record);

    private sealed class Fake(string service, FakeServices services, HarnessRecord record) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!services._answers.TryGetValue(service, out var answer))
            {
                record.Unanswered.TryAdd(service, true);
                record.SayChanged();
                throw new HttpRequestException(HttpRequestError.ConnectionError, $"The test says nothing about service '{service}'.");
            }
            var call = record.Begin($"the fake of service '{service}', asked for {request.Method} {request.RequestUri!.AbsolutePath}");
            call.Enter();
            try
            {
                // One that hangs is left alone when its caller gives up, as a service would be.
                var response = await answer(request, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
                response.RequestMessage ??= request;
                return response;
            }
            finally
            {
                record.End(call);
            }
        }
    }
}
