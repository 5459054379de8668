using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Weft.Diagnostics;
using Weft.EventBus;
using Weft.Messages;
using Weft.Testing;
using Activity = System.Diagnostics.Activity;

namespace Weft.Tests.EventBus;

/// <summary>What the bus tells of itself.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publishing_and_handling_are_counted_timed_and_traced_as_the_conventions_say()
    {
        string topic = $"orders{Guid.NewGuid():N}";
        var measured = new ConcurrentQueue<string>();
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == WeftMeter.Name)
                listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        meters.Start();
        var activities = new ConcurrentQueue<Activity>();
        using var traces = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WeftMeter.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.DisplayName.EndsWith(topic, StringComparison.Ordinal))
                    activities.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(traces);

        var time = new FakeTimeProvider();
        await using var services = OneLog.Build(new InMemoryMessageLog(time), time, weft => weft
            .Topic(topic)
            .Handler("bill", (message, _, _) => message.Id == "bad" ? throw new DeadLetterException("It is bad.") : default)
            .Subscription("bill", new() { From = topic, Handler = "bill" }));
        var runtime = services.GetRequiredService<WeftRuntime>();
        await runtime.StartAsync(Token);
        var publisher = services.GetRequiredService<IPublisher>();
        await publisher.PublishAsync(topic, Message.Create("made", "/test", new { }, id: "good"), Token);
        await publisher.PublishAsync(topic, Message.Create("made", "/test", new { }, id: "bad"), Token);
        while (activities.Count(a => a.Kind == ActivityKind.Consumer) < 2)
            await Task.Yield();
        string[] wanted = [$"weft.subscription.lag 0 subscription=bill", "weft.subscription.parked 1 state=dead subscription=bill", "weft.subscription.age 0 subscription=bill"];
        while (wanted.Except(measured).Any())
        {
            meters.RecordObservableInstruments();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await runtime.StopAsync(Token);

        Assert.Equal(2, measured.Count(m => m == $"messaging.client.sent.messages 1 messaging.destination.name={topic} messaging.operation.name=publish messaging.system=weft"));
        Assert.Equal(2, measured.Count(m => m == $"messaging.client.consumed.messages 1 messaging.consumer.group.name=bill messaging.destination.name={topic} messaging.operation.name=process messaging.system=weft"));
        Assert.Equal(2, measured.Count(m => m.StartsWith("messaging.client.operation.duration 0 ", StringComparison.Ordinal) && m.Contains(topic, StringComparison.Ordinal)));
        Assert.Equal(2, measured.Count(m => m.StartsWith("messaging.process.duration 0 ", StringComparison.Ordinal) && m.Contains(topic, StringComparison.Ordinal)));
        Assert.Contains("weft.flow.deliveries 1 flow=bill outcome=dead reason=rejected", measured);
        foreach (string id in (string[])["good", "bad"])
        {
            var consumed = activities.Single(a => a.Kind == ActivityKind.Consumer && (string?)a.GetTagItem("messaging.message.id") == id);
            Assert.Contains(activities, a => a.Kind == ActivityKind.Producer && a.SpanId == consumed.ParentSpanId && a.TraceId == consumed.TraceId);
            Assert.Equal(id == "bad" ? "rejected" : null, consumed.GetTagItem("error.type"));
        }

        void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            measured.Enqueue($"{instrument.Name} {value} {string.Join(' ', tags.ToArray().OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}={t.Value}"))}");
    }
}
