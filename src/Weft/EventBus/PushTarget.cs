using System.Net.Http.Headers;
using Weft.Calls;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.EventBus;

/// <summary>
/// Delivers to a service: one POST per event in CloudEvents binary mode, with <c>Idempotency-Key</c> = event id. It repeats
/// nothing itself, except on another instance when a connection was refused: the subscription's retry is the only one.
/// </summary>
internal sealed class PushTarget(SubscriptionOptions options, ServiceDirectory services, ServiceClient client, TimeProvider time) : ITarget<Message>
{
    // As in the standard policy; a subscriber that hangs costs a lane no more than this per try.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private const int ShownOfAnswer = 512;

    /// <inheritdoc/>
    public CommitScope? Begin() => null;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(
        ReadOnlyMemory<Delivery<Message>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            var outcome = await PushAsync(batch.Span[i], cancellation).ConfigureAwait(false);
            outcomes.Span[i] = outcome;
        }
    }

    private async ValueTask<Outcome> PushAsync(Delivery<Message> delivery, CancellationToken cancellation)
    {
        var push = options.Push!;
        if (services.Current.Find(push.Service) is not { } service)
            return Outcome.Unavailable("no-service", $"service '{push.Service}' is not in force");
        var answer = await client.SendAsync(service, instance => Request(instance, push.Path, delivery), Deadline, ShownOfAnswer, cancellation)
            .ConfigureAwait(false);
        return answer.Outcome.Result switch
        {
            AttemptResult.Answered => OfStatus(answer),
            AttemptResult.ConnectFailed => Outcome.Unavailable("connect", $"no connection to service '{push.Service}'"),
            AttemptResult.Timeout => Outcome.Retry("timeout", $"service '{push.Service}' did not answer within {Deadline.TotalSeconds} s"),
            var result => Outcome.Retry(CallPipeline.Label(result), $"the connection to service '{push.Service}' failed"),
        };
    }

    private Outcome OfStatus(in ServiceAnswer answer)
    {
        int status = answer.Outcome.Status;
        if (status is >= 200 and < 300)
            return Outcome.Acknowledged;
        string reason = $"status-{status}";
        string detail = System.Text.Encoding.UTF8.GetString(answer.Body.Span);
        var due = answer.RetryAfter is { } after ? DueAt(after) : null;
        return options.Status.Dead.Contains(status) ? Outcome.Dead(reason, detail)
            : options.Status.Pause.Contains(status) ? Outcome.Unavailable(reason, detail, due)
            : Outcome.Retry(reason, detail, due);
    }

    // RFC 9110, section 10.2.3: seconds, or a date.
    private DateTimeOffset? DueAt(RetryConditionHeaderValue after) => after.Delta is { } delta ? time.GetUtcNow() + delta : after.Date;

    private static HttpRequestMessage Request(Instance instance, string path, in Delivery<Message> delivery)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, instance.Address(path))
        {
            Version = instance.HttpVersion,
            Content = new ReadOnlyMemoryContent(delivery.Item.Data),
        };
        var headers = new PushHeaders(request);
        CloudEventHttp.WriteBinaryHeaders(delivery.Item, ref headers);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", delivery.Item.Id);
        if (delivery.Item.TryGet("traceparent"u8, out var trace))
            request.Headers.TryAddWithoutValidation("traceparent", System.Text.Encoding.ASCII.GetString(trace));
        return request;
    }

    private readonly struct PushHeaders(HttpRequestMessage request) : IHeaderWriter
    {
        public void Add(string name, string value)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
