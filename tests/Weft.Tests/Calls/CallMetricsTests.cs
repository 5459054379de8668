using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.Calls;
using Weft.Diagnostics;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Tests.Calls;

/// <summary>Everything that the pages say can be measured is.</summary>
public sealed class CallMetricsTests : IDisposable
{
    private const string Name = "measured";

    private readonly FakeTimeProvider _time = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Instrument, double Value, string Labels)> _seen = [];

    public CallMetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == WeftMeter.Name)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task What_calls_do_and_how_services_stand_can_be_seen()
    {
        using var directory = new ServiceDirectory(_time, NullLogger<ServiceDirectory>.Instance, new Random(1));
        var options = new WeftOptions
        {
            Policies = [new("own", new()
            {
                Bulkhead = new() { Max = 2, Queue = 0 },
                Breaker = new() { Failures = 1 },
                Retry = new() { Max = 1, Base = TimeSpan.Zero, Cap = TimeSpan.Zero, Budget = new() { Ratio = 0, Floor = 0.1 } },
                Hedge = new() { After = new(TimeSpan.FromMilliseconds(10)), Budget = 1 },
            })],
            Services = [new(Name, new() { Endpoints = [new() { Url = "http://127.0.0.1:1" }, new() { Url = "http://127.0.0.1:2" }], Policy = "own" })],
        };
        await using (var prepared = await directory.PrepareAsync(options, TestContext.Current.CancellationToken))
            await prepared.CommitAsync();
        var service = directory.Current.Find(Name)!;
        var calls = new CallPipeline(_time);
        var input = new CallInput("orders", "GET");

        // One that is slow is hedged, and while two run a third is rejected.
        var slow = new Held();
        _ = calls.RunAsync(service, input, slow, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));
        var second = calls.RunAsync(service, input with { Method = "POST" }, slow, default).AsTask();
        using (var rejected = await calls.RunAsync(service, input, slow, default))
            Assert.Equal(Rejection.Bulkhead, rejected.Rejection);
        Read();
        Has("weft.call.running", 2, $"service={Name}");
        Has("weft.call.limit", 2, $"service={Name}");
        Has("weft.call.queued", 0, $"service={Name}");
        Has("weft.call.timeout", 5, $"operation=orders,service={Name}");
        Has("weft.call.rejected", 1, $"reason=bulkhead,service={Name}");
        Has("weft.call.hedged", 1, $"service={Name}");
        Has("weft.breaker.open", 0, $"instance=127.0.0.1:1,service={Name}");

        slow.Release(503);
        using (var failed = await second)
            Assert.Equal(503, failed.Outcome.Status);
        Read();
        Has("weft.call.attempts", null, $"outcome=answered,service={Name}");
        Has("weft.breaker.transitions", 1, $"instance=127.0.0.1:1,service={Name},state=open");
        Has("weft.breaker.open", 1, $"instance=127.0.0.1:1,service={Name}");
        Assert.Contains(_seen, m => m.Instrument == "weft.call.suppressed" && m.Labels.EndsWith($"service={Name}", StringComparison.Ordinal));
    }

    private void Read() => _listener.RecordObservableInstruments();

    private void Has(string instrument, double? value, string labels) => Assert.True(
        _seen.Any(m => m.Instrument == instrument && m.Labels == labels && (value is null || m.Value == value)),
        $"{instrument} {labels} {value} is not among {string.Join("; ", _seen.Where(m => m.Instrument == instrument && m.Labels.Contains(Name, StringComparison.Ordinal)))}");

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _seen.Enqueue((instrument.Name, value, string.Join(",", tags.ToArray().OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}={t.Value}"))));

    private sealed class Held : ICallSender<string>
    {
        private readonly TaskCompletionSource<int> _status = new();

        public bool CanHedge => true;

        public async ValueTask<Sent<string>> SendAsync(Attempt attempt) => new(new(AttemptResult.Answered, await _status.Task), "answer") { CanRepeat = true };

        public void Release(int status) => _status.SetResult(status);

        public void Discard(string answer)
        {
        }
    }
}
