using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.Calls;
using Weft.Diagnostics;
using Weft.Options;
using Weft.ServiceRegistry;
using Weft.Tests.Repository;

namespace Weft.Tests.Calls;

/// <summary>Everything that the page of policies says can be measured is, under the labels that it says.</summary>
public sealed partial class CallMetricsTests : IDisposable
{
    private static readonly CallInput s_get = new("orders", "GET"), s_post = new("orders", "POST");

    private static readonly PolicyOptions s_policy = new()
    {
        Bulkhead = new() { Max = 2, Queue = 0 },
        Breaker = new() { Failures = 1 },
        Timeout = new() { Fixed = TimeSpan.FromSeconds(5) },
        Retry = new() { Max = 1, Base = TimeSpan.Zero, Cap = TimeSpan.Zero, Budget = new() { Floor = 1000 } },
        Hedge = new() { After = new(TimeSpan.FromMilliseconds(10)), Budget = 1 },
    };

    private readonly FakeTimeProvider _time = new();
    private readonly MeterReadings _readings = new();
    private readonly ServiceDirectory _services;
    private readonly CallPipeline _calls;

    public CallMetricsTests() => (_services, _calls) = (new ServiceDirectory(_time, NullLogger<ServiceDirectory>.Instance, new Random(1)), new CallPipeline(_time));

    public void Dispose()
    {
        _services.Dispose();
        _readings.Dispose();
    }

    [Fact]
    public async Task What_calls_do_and_how_services_stand_can_be_seen()
    {
        var service = await ServiceAsync("measured", s_policy);
        await FillAsync(service);
        Expect("measured",
            "weft.call.running 2 service=measured",
            "weft.call.limit 2 service=measured",
            "weft.call.queued 0 service=measured",
            "weft.call.timeout 5 operation=orders service=measured",
            "weft.call.rejected 1 reason=bulkhead service=measured",
            "weft.call.hedged 1 service=measured",
            "weft.breaker.open 0 instance=127.0.0.1:1 service=measured",
            "weft.call.attempts 0 outcome=answered service=measured",
            "weft.call.suppressed 1 reason=method service=measured",
            "weft.breaker.transitions 1 instance=127.0.0.1:2 service=measured state=open",
            "weft.breaker.open 1 instance=127.0.0.1:2 service=measured");
    }

    [Fact]
    public async Task A_hedge_that_wins_is_counted_and_so_is_the_attempt_that_it_beats()
    {
        var service = await ServiceAsync("hedged", s_policy);
        await HedgeAsync(service);
        Expect("hedged", "weft.call.hedged 1 service=hedged", "weft.call.hedge_wins 1 service=hedged", "weft.call.attempts 0 outcome=answered service=hedged",
            "weft.call.attempts 0.01 outcome=abandoned service=hedged");

        // Here the first one is faster after all.
        var held = new Held();
        var slow = _calls.RunAsync(service, s_get, held, default).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(10));
        held.Release(1, 200);
        using (await slow)
            Assert.Equal((2, 1), (Count("hedged", "weft.call.hedged"), Count("hedged", "weft.call.hedge_wins")));
    }

    [Fact]
    public async Task Why_a_call_was_not_sent_can_be_seen()
    {
        var service = await ServiceAsync("rejecting", s_policy with { Bulkhead = new() { Max = 1, Queue = 1 }, Hedge = null, Deadline = new() { Total = TimeSpan.FromSeconds(1) } }, instances: 1);
        var held = new Held();
        var running = _calls.RunAsync(service, s_post, held, default).AsTask();
        var waiting = _calls.RunAsync(service, s_post, held, default).AsTask();
        _readings.Read();
        await RejectAsync(s_post, Rejection.Bulkhead);
        _time.Advance(TimeSpan.FromSeconds(1));
        using (var late = await waiting)
            Assert.Equal(Rejection.Bulkhead, late.Rejection);

        using var gone = new CancellationTokenSource();
        waiting = _calls.RunAsync(service, s_post, held, gone.Token).AsTask();
        await gone.CancelAsync();
        using (var left = await waiting)
            Assert.Equal(Rejection.Cancelled, left.Rejection);

        await RejectAsync(s_post with { Limit = TimeSpan.Zero }, Rejection.Deadline);
        held.Release(1, 500);
        using (var failed = await running)
            Assert.Equal(500, failed.Outcome.Status);
        await RejectAsync(s_post, Rejection.Breaker);
        service = await ServiceAsync("rejecting", s_policy, instances: 0);
        await RejectAsync(s_post, Rejection.NoInstance);
        Expect("rejecting", [
            "weft.call.queued 1 service=rejecting",
            .. from reason in new[] { "bulkhead", "bulkhead-wait", "cancelled", "deadline", "breaker", "no-instance" } select $"weft.call.rejected 1 reason={reason} service=rejecting"]);
        Assert.Equal(6, Count("rejecting", "weft.call.rejected"));

        async Task RejectAsync(CallInput input, Rejection reason)
        {
            using var call = await _calls.RunAsync(service, input, held, default);
            Assert.Equal(reason, call.Rejection);
        }
    }

    [Fact]
    public async Task Why_nothing_was_repeated_can_be_seen()
    {
        var policy = s_policy with { Hedge = null, Retry = new() { Base = TimeSpan.FromSeconds(1), Cap = TimeSpan.FromSeconds(1), Budget = new() { Ratio = 0, Floor = 0.1 } } };
        var service = await ServiceAsync("repeated", policy with { Breaker = CircuitBreakerOptions.Off }, instances: 1);
        foreach (var input in new[] { s_post, s_get with { CallerAttempt = 1 }, s_get with { Limit = TimeSpan.FromSeconds(1) }, s_get })
        {
            var repeated = FailAsync(input);
            _time.Advance(TimeSpan.FromSeconds(1));
            await repeated;
        }
        Expect("repeated", [.. from reason in new[] { "method", "marked", "deadline", "budget" } select $"weft.call.suppressed 1 reason={reason} service=repeated"]);
        Assert.Equal(4, Count("repeated", "weft.call.suppressed"));

        // Here the breaker opens while the call waits for its repeat.
        service = await ServiceAsync("waiting", policy with { Breaker = new() { Failures = 2 } }, instances: 1);
        var waiting = FailAsync(s_get);
        Assert.Equal(0, Count("waiting", "weft.call.suppressed"));
        await FailAsync(s_get with { IsRepeatedElsewhere = true });
        _time.Advance(TimeSpan.FromSeconds(1));
        await waiting;
        Expect("waiting", "weft.call.suppressed 1 reason=breaker service=waiting");

        async Task FailAsync(CallInput input)
        {
            var held = new Held();
            held.Release(1, 503);
            held.Release(2, 503);
            using var call = await _calls.RunAsync(service, input, held, default);
            Assert.Equal((Rejection.None, 503), (call.Rejection, call.Outcome.Status));
        }
    }

    [Fact]
    public async Task The_page_lists_each_instrument_with_its_labels_and_no_other()
    {
        var service = await ServiceAsync("listed", s_policy);
        await FillAsync(service);
        await HedgeAsync(await ServiceAsync("listed2", s_policy));
        var onPage = Row().Matches(Repo.Read("docs/patterns/resilience.md"))
            .SelectMany(row => Name().Matches(row.Groups[1].Value), (row, name) => (Name: name.Groups[1].Value, Labels: row.Groups[2].Value)).ToDictionary(r => r.Name, r => r.Labels);
        Assert.Equal(_readings.Published.Where(n => Name().IsMatch($"`{n}`")).Order(StringComparer.Ordinal), onPage.Keys.Order(StringComparer.Ordinal));

        // Only a gateway has fallbacks: the tests of its policies see them.
        Assert.True(onPage.Remove("weft.call.fallbacks"));
        var seen = _readings.Of("listed").Concat(_readings.Of("listed2")).Where(r => Name().IsMatch($"`{r.Instrument}`")).DistinctBy(r => r.Instrument).ToDictionary(r => r.Instrument, r => string.Join(", ", r.Labels.Select(l => l.Name)));
        Assert.Equal(onPage.OrderBy(r => r.Key, StringComparer.Ordinal), seen.OrderBy(r => r.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_call_allocates_no_more_when_it_is_measured()
    {
        // It keeps what it sees.
        _readings.Dispose();
        using var listener = new MeterListener();
        var measured = 0;
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => measured++);
        var service = await ServiceAsync("quick", new());
        var sender = new Held();
        sender.Release(1, 200);
        var unmeasured = await Allocations.OfAsync(CallAsync);
        listener.EnableMeasurementEvents(WeftMeter.AttemptDuration);
        Assert.Equal(unmeasured, await Allocations.OfAsync(CallAsync));
        Assert.NotEqual(0, measured);

        async ValueTask<int> CallAsync()
        {
            using var call = await _calls.RunAsync(service, s_get, sender, default);
            return call.Outcome.Status;
        }
    }

    [Fact]
    public async Task Services_whose_owner_is_gone_are_not_shown()
    {
        await ServiceAsync("gone", s_policy);
        _readings.Read();
        var shown = _readings.Of("gone").Count();
        Assert.NotEqual(0, shown);
        _services.Dispose();
        _readings.Read();
        Assert.Equal(shown, _readings.Of("gone").Count());
    }

    // One that is slow is hedged, a third is rejected while two run, and then the first instance fails.
    private async Task FillAsync(Service service)
    {
        var held = new Held();
        _ = _calls.RunAsync(service, s_get, held, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));
        var second = _calls.RunAsync(service, s_post, held, default).AsTask();
        using (var rejected = await _calls.RunAsync(service, s_get, held, default))
            Assert.Equal(Rejection.Bulkhead, rejected.Rejection);
        _readings.Read();
        held.Release(1, 503);
        using (var failed = await second)
            Assert.Equal(503, failed.Outcome.Status);
        _readings.Read();
    }

    private async Task HedgeAsync(Service service)
    {
        var held = new Held();
        var slow = _calls.RunAsync(service, s_get, held, default).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(10));
        held.Release(2, 200);
        using var call = await slow;
        Assert.Equal(2, call.Attempt.Number);
        held.Release(1, 200);
    }

    private async Task<Service> ServiceAsync(string name, PolicyOptions policy, int instances = 2)
    {
        var options = new WeftOptions
        {
            Policies = [new("own", policy)],
            Services = [new(name, new() { Endpoints = [.. Enumerable.Range(1, instances).Select(i => new EndpointOptions { Url = $"http://127.0.0.1:{i}" })], Policy = "own" })],
        };
        await using (var prepared = await _services.PrepareAsync(options, TestContext.Current.CancellationToken))
            await prepared.CommitAsync();
        return _services.Current.Find(name)!;
    }

    private int Count(string service, string instrument) => _readings.Of(service).Count(r => r.Instrument == instrument);

    private void Expect(string service, params string[] readings)
    {
        var seen = _readings.Of(service).Select(r => r.ToString()).ToList();
        Assert.All(readings, r => Assert.Contains(r, seen));
    }

    [GeneratedRegex(@"(?m)^\| ((?:`weft\.[^|]+)) \| ([a-z, ]+) \| .* \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"`(weft\.(?:call|breaker)\.[\w.]+)`")]
    private static partial Regex Name();

    /// <summary>Answers the attempts of calls when it is told to, by their number.</summary>
    private sealed class Held : ICallSender<string>
    {
        private readonly TaskCompletionSource<int>[] _status = [new(), new(), new()];

        public bool CanHedge => true;

        public async ValueTask<Sent<string>> SendAsync(Attempt attempt) =>
            new(new(AttemptResult.Answered, await _status[attempt.Number].Task), "answer") { CanRepeat = true };

        public void Release(int number, int status) => _status[number].TrySetResult(status);

        public void Discard(string answer)
        {
        }
    }
}
