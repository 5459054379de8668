using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Weft.Diagnostics;

/// <summary>
/// All that Weft takes from the semantic conventions of OpenTelemetry for messaging, at version 1.37.0: they are still in development, so a
/// newer version is taken over here, and nowhere else, when it is decided to.
/// </summary>
/// <remarks>https://opentelemetry.io/docs/specs/semconv/messaging/</remarks>
internal static class Messaging
{
    /// <summary>The names of attributes.</summary>
    private const string System = "messaging.system", Destination = "messaging.destination.name", Group = "messaging.consumer.group.name",
        OperationName = "messaging.operation.name", OperationType = "messaging.operation.type", MessageId = "messaging.message.id", BatchCount = "messaging.batch.message_count", Error = "error.type";

    private static readonly KeyValuePair<string, object?> s_weft = new(System, "weft"), s_publish = new(OperationName, "publish"), s_process = new(OperationName, "process");

    private static readonly InstrumentAdvice<double> s_seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };

    private static readonly Counter<long> s_sent =
        WeftMeter.Meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Events stored durably, by topic.");

    private static readonly Histogram<double> s_operation =
        WeftMeter.Meter.CreateHistogram("messaging.client.operation.duration", "s", "Time until an event was stored, by topic.", advice: s_seconds);

    private static readonly Counter<long> s_consumed =
        WeftMeter.Meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Events given to a subscription, each try counted, by topic and subscription.");

    private static readonly Histogram<double> s_processed =
        WeftMeter.Meter.CreateHistogram("messaging.process.duration", "s", "Time in the handler or the service of a subscription, by topic and subscription.", advice: s_seconds);

    /// <summary>What is told of a topic. Allocates nothing per event.</summary>
    public sealed class Topic(string name)
    {
        private readonly KeyValuePair<string, object?> _destination = new(Destination, name);

        /// <summary>Begins to tell of a publish; null when nobody traces.</summary>
        public Activity? Publish(int count = 1)
        {
            if (!WeftMeter.Activities.HasListeners() || WeftMeter.Activities.StartActivity($"publish {name}", ActivityKind.Producer) is not { } activity)
                return null;
            activity.SetTag(System, "weft").SetTag(OperationName, "publish").SetTag(OperationType, "send").SetTag(Destination, name);
            if (count > 1)
                activity.SetTag(BatchCount, count);
            return activity;
        }

        /// <summary>Events are stored.</summary>
        public void Published(long count, TimeSpan? duration = null)
        {
            s_sent.Add(count, s_weft, s_publish, _destination);
            if (duration is { } took)
                s_operation.Record(took.TotalSeconds, s_weft, s_publish, _destination);
        }
    }

    /// <summary>What is told of a subscription. Allocates nothing per event while nobody traces.</summary>
    public sealed class Subscription(string name, string topic)
    {
        private readonly KeyValuePair<string, object?> _destination = new(Destination, topic), _group = new(Group, name);

        /// <summary>Begins to tell that an event is handled, in the trace of who published it; null when nobody traces.</summary>
        /// <param name="id">The event's id.</param>
        /// <param name="trace">The trace of who published it.</param>
        /// <param name="attempt">Which try it is, from 1.</param>
        public Activity? Process(string id, ActivityContext? trace, int attempt)
        {
            // What is tried again much later is no part of the request that published it, and points to it.
            var links = attempt > 1 && trace is { } published ? new[] { new ActivityLink(published) } : null;
            if (WeftMeter.Activities.StartActivity($"process {topic}", ActivityKind.Consumer, trace ?? default, links: links) is not { } activity)
                return null;
            return activity.SetTag(System, "weft").SetTag(OperationName, "process").SetTag(OperationType, "process")
                .SetTag(Destination, topic).SetTag(Group, name).SetTag(MessageId, id);
        }

        /// <summary>An event was handled, well or not.</summary>
        public void Processed(TimeSpan duration)
        {
            s_consumed.Add(1, new TagList { s_weft, s_process, _destination, _group });
            s_processed.Record(duration.TotalSeconds, new TagList { s_weft, s_process, _destination, _group });
        }
    }

    /// <summary>Ends an activity that failed.</summary>
    public static void Fail(this Activity? activity, string reason) => activity?.SetTag(Error, reason).SetStatus(ActivityStatusCode.Error);
}
