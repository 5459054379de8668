using Weft.Calls;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.ServiceRegistry;
using Weft.Timeouts;

namespace Weft.EventBus;

/// <summary>
/// Delivers to a service: one POST per event in CloudEvents binary mode, with <c>Idempotency-Key</c> = event id. It repeats
/// nothing itself, except on another instance when a connection was refused: the subscription's retry is the only one.
/// </summary>
internal sealed class PushTarget(string subscription, SubscriptionOptions options, ServiceDirectory services, ServiceClient client, TimeProvider time) : ITarget<Message>
{
    private const int ShownOfAnswer = 512;

    // The subscription repeats, and nobody else: otherwise tries would multiply.
    private readonly CallInput _input = new($"subscriptions.{subscription}", "POST") { HasIdempotencyKey = true, IsRepeatedElsewhere = true };

    private readonly Messaging.Subscription _telemetry = new(subscription, options.From);

    /// <inheritdoc/>
    public CommitScope? Begin() => null;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(
        ReadOnlyMemory<Delivery<Message>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            using var activity = _telemetry.Process(batch.Span[i]);
            var outcome = await PushAsync(batch.Span[i], activity?.Id, cancellation).ConfigureAwait(false);
            if (outcome.Kind != OutcomeKind.Acknowledged)
                activity.Fail(outcome.Reason ?? "unknown");
            outcomes.Span[i] = outcome;
        }
    }

    private async ValueTask<Outcome> PushAsync(Delivery<Message> delivery, string? trace, CancellationToken cancellation)
    {
        var push = options.Push!;
        if (services.Current.Find(push.Service) is not { } service)
            return Outcome.Unavailable("no-service", $"service '{push.Service}' is not in force");
        // The event's own, where it has one.
        TimeSpan? left = Deadline.Current is { IsNone: false } deadline ? deadline.Remaining : null;
        var answer = await client.SendAsync(service, _input with { Limit = left }, instance => Request(instance, push.Path, delivery, trace), ShownOfAnswer, cancellation).ConfigureAwait(false);
        if (answer.Rejection == Rejection.Deadline && left is not null)
            return Outcome.Retry("deadline", "too little was left of the event's expirytime");
        if (answer.Rejection != Rejection.None)
            return Outcome.Unavailable(CallTelemetry.Name(answer.Rejection), Why(answer.Rejection, push.Service), DueIn(answer.RetryAfter));
        return answer.Outcome.Result switch
        {
            AttemptResult.Answered => OfStatus(answer),
            AttemptResult.ConnectFailed => Outcome.Unavailable("connect", $"no connection to service '{push.Service}'"),
            AttemptResult.Timeout => Outcome.Retry("timeout", $"service '{push.Service}' did not answer in time"),
            _ => Outcome.Retry(answer.Outcome.Label, $"the connection to service '{push.Service}' failed"),
        };
    }

    private Outcome OfStatus(in ServiceAnswer answer)
    {
        int status = answer.Outcome.Status;
        if (status is >= 200 and < 300)
            return Outcome.Acknowledged;
        string reason = $"status-{status}";
        string detail = System.Text.Encoding.UTF8.GetString(answer.Body.Span);
        var due = DueIn(answer.RetryAfter);
        return options.Status.Dead.Contains(status) ? Outcome.Dead(reason, detail)
            : options.Status.Pause.Contains(status) ? Outcome.Unavailable(reason, detail, due)
            : Outcome.Retry(reason, detail, due);
    }

    private static string Why(Rejection rejection, string service) => rejection switch
    {
        Rejection.Breaker => $"service '{service}' is left alone after failures",
        Rejection.Bulkhead => $"as many calls to service '{service}' run as may",
        Rejection.Deadline => $"service '{service}' is too slow for its deadline",
        _ => $"service '{service}' has no instance",
    };

    private DateTimeOffset? DueIn(TimeSpan? after) => after is { } wait ? time.GetUtcNow() + wait : null;

    private static HttpRequestMessage Request(Instance instance, string path, in Delivery<Message> delivery, string? trace)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, instance.Address(path))
        {
            Version = instance.HttpVersion,
            Content = new ReadOnlyMemoryContent(delivery.Item.Data),
        };
        var headers = new PushHeaders(request);
        CloudEventHttp.WriteBinaryHeaders(delivery.Item, ref headers);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", delivery.Item.Id);
        if (trace is null && delivery.Item.TryGet(Causation.TraceParent, out var own))
            trace = System.Text.Encoding.ASCII.GetString(own);
        if (trace is not null)
            request.Headers.TryAddWithoutValidation("traceparent", trace);
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
