using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Weft.AspNetCore.Tests.Rig;
using Weft.Diagnostics;
using Weft.Expressions;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway;

/// <summary>Policies on forwarded requests, over real sockets.</summary>
public sealed class PolicyTests
{
    private static readonly PolicyOptions s_atOnce = new() { Retry = new() { Base = TimeSpan.Zero, Cap = TimeSpan.Zero, Budget = new() { Floor = 1000 } } };

    [Fact]
    public async Task A_failure_that_passes_is_repeated_and_the_service_is_told_so()
    {
        await using var upstream = await Script.StartAsync(503, 502, 200);
        await using var gateway = await StartAsync(s_atOnce, upstream.Address);
        using var response = await gateway.Client.GetAsync("/x");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["", "1", "2"], upstream.Requests.Select(r => r.Attempt));
        Assert.All(upstream.Requests, r => Assert.InRange(int.Parse(r.Timeout, System.Globalization.CultureInfo.InvariantCulture), 1, 5000));
    }

    [Fact]
    public async Task When_nothing_helps_the_last_real_answer_comes()
    {
        await using var upstream = await Script.StartAsync(503);
        await using var gateway = await StartAsync(s_atOnce, upstream.Address);
        using var response = await gateway.Client.GetAsync("/x");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("answer 3", await response.Content.ReadAsStringAsync());
        Assert.False(response.Headers.Contains("weft-rejected-by"));
    }

    [Fact]
    public async Task What_may_have_an_effect_is_sent_once_unless_it_has_an_idempotency_key()
    {
        await using var upstream = await Script.StartAsync(503);
        await using var gateway = await StartAsync(s_atOnce, upstream.Address);
        using (await gateway.Client.PostAsync("/x", new StringContent("a")))
            Assert.Single(upstream.Requests);
        using var keyed = new HttpRequestMessage(HttpMethod.Post, "/x") { Content = new StringContent("the same each time"), Headers = { { "Idempotency-Key", "1" } } };
        using (await gateway.Client.SendAsync(keyed))
            Assert.Equal(["a", "the same each time", "the same each time", "the same each time"], upstream.Requests.Select(r => r.Body));
    }

    [Fact]
    public async Task A_body_is_sent_again_up_to_a_size_and_whole()
    {
        await using var upstream = await Script.StartAsync(503, 200);
        await using var gateway = await StartAsync(s_atOnce with { Retry = s_atOnce.Retry with { Body = 1000 } }, upstream.Address);
        foreach (var isChunked in new[] { false, true })
        {
            upstream.Restart();
            using var request = new HttpRequestMessage(HttpMethod.Put, "/x") { Content = new StringContent(new string('a', 1000)), Headers = { TransferEncodingChunked = isChunked } };
            using var response = await gateway.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.All(upstream.Requests, r => Assert.Equal(1000, r.Body.Length));
        }
        upstream.Restart();
        using (var tooLarge = await gateway.Client.PutAsync("/x", new StringContent(new string('a', 1001))))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, tooLarge.StatusCode);
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task A_repeat_goes_to_another_instance_first()
    {
        await using var bad = await Script.StartAsync(503);
        await using var good = await Script.StartAsync(200);
        await using var gateway = await StartAsync(s_atOnce, bad.Address, good.Address);
        for (var i = 0; i < 8; i++)
        {
            using var response = await gateway.Client.GetAsync("/x");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        Assert.InRange(bad.Requests.Count, 4, 5);
        Assert.Equal(8, good.Requests.Count);
    }

    [Fact]
    public async Task Who_asks_for_more_patience_than_there_is_time_is_believed()
    {
        await using var upstream = await Script.StartAsync(503);
        upstream.RetryAfter = "20";
        await using var gateway = await StartAsync(s_atOnce, upstream.Address);
        using var response = await gateway.Client.GetAsync("/x");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("20", response.Headers.GetValues("Retry-After").Single());
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task What_a_trusted_caller_repeats_is_not_repeated_here_too_and_its_patience_counts()
    {
        await using var upstream = await Script.StartAsync(503);
        var options = Options(s_atOnce, upstream.Address);
        await using var gateway = await GatewayHost.StartAsync(options with { Server = options.Server with { TrustedProxies = ["127.0.0.0/8"] } });
        Assert.Equal("1", Assert.Single(await AskAsync()).Attempt);
        Assert.InRange(int.Parse(upstream.Requests[0].Timeout, System.Globalization.CultureInfo.InvariantCulture), 1, 700);
        Assert.Equal("10.1.1.1, 127.0.0.1", upstream.Requests[0].For);

        await gateway.ApplyAsync(options);
        Assert.Equal(["", "1", "2"], (await AskAsync()).Select(r => r.Attempt));
        Assert.All(upstream.Requests, r => Assert.InRange(int.Parse(r.Timeout, System.Globalization.CultureInfo.InvariantCulture), 1000, 5000));
        Assert.Equal("127.0.0.1", upstream.Requests[0].For);

        async Task<List<Script.Request>> AskAsync()
        {
            upstream.Restart();
            using var request = new HttpRequestMessage(HttpMethod.Get, "/x") { Headers = { { "weft-attempt", "1" }, { "weft-timeout-ms", "700" }, { "X-Forwarded-For", "10.1.1.1" } } };
            using (await gateway.Client.SendAsync(request))
                return upstream.Requests;
        }
    }

    [Fact]
    public async Task A_breaker_opens_says_when_to_come_again_and_closes_and_a_reload_keeps_it()
    {
        var time = new FakeTimeProvider();
        await using var upstream = await Script.StartAsync(500, 500, 500, 200);
        var policy = s_atOnce with { Breaker = new() { Failures = 3, Successes = 2, Open = TimeSpan.FromSeconds(5) } };
        await using var gateway = await GatewayHost.StartAsync(Options(policy, upstream.Address), time);
        for (var i = 0; i < 3; i++)
            Assert.Equal(500, await StatusAsync(gateway));

        using (var rejected = await gateway.Client.GetAsync("/x"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, rejected.StatusCode);
            Assert.Equal("breaker", rejected.Headers.GetValues("weft-rejected-by").Single());
            Assert.InRange(rejected.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 4, 6);
            Assert.Contains("urn:weft:problem:breaker-open", await rejected.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal(3, upstream.Requests.Count);

        await gateway.ApplyAsync(Options(policy with { Deadline = new() { Total = TimeSpan.FromSeconds(9) } }, upstream.Address));
        Assert.Equal(503, await StatusAsync(gateway));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(200, await StatusAsync(gateway));
        Assert.Equal(200, await StatusAsync(gateway));
        Assert.Equal(5, upstream.Requests.Count);
        Assert.True(gateway.Services.Current.Find("up")!.Instances[0].Breaker.IsClosed);
    }

    [Fact]
    public async Task With_too_many_at_once_the_rest_is_rejected_but_streams_keep_no_place()
    {
        var release = new TaskCompletionSource();
        var arrived = new SemaphoreSlim(0);
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            if (c.Request.Path == "/events")
            {
                c.Response.ContentType = "text/event-stream";
                await c.Response.WriteAsync("data: 1\n\n");
                await c.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, c.RequestAborted);
            }
            arrived.Release();
            await release.Task;
        });
        await using var gateway = await StartAsync(s_atOnce with { Bulkhead = new() { Max = 1 } }, upstream.Address);
        using var stream = await gateway.Client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead);
        var first = gateway.Client.GetAsync("/slow");
        await arrived.WaitAsync();
        using (var second = await gateway.Client.GetAsync("/x"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.Equal("bulkhead", second.Headers.GetValues("weft-rejected-by").Single());
            Assert.NotNull(second.Headers.RetryAfter);
        }
        release.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.Equal(200, await StatusAsync(gateway));
    }

    [Fact]
    public async Task A_deadline_that_is_over_says_so()
    {
        await using var upstream = await Upstream.StartAsync(c => Task.Delay(Timeout.Infinite, c.RequestAborted));
        await using var gateway = await StartAsync(s_atOnce with { Deadline = new() { Total = TimeSpan.FromMilliseconds(300) } }, upstream.Address);
        using var response = await gateway.Client.GetAsync("/x");
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("weft-deadline-expired").Single());
        Assert.True(gateway.Services.Current.Find("up")!.Instances[0].Breaker.IsClosed);
    }

    [Fact]
    public async Task A_slow_first_attempt_is_hedged_on_another_instance()
    {
        var gone = new TaskCompletionSource();
        await using var slow = await Upstream.StartAsync(async c =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, c.RequestAborted);
            }
            finally
            {
                gone.TrySetResult();
            }
        });
        await using var quick = await Script.StartAsync(200);
        var policy = s_atOnce with { Hedge = new() { After = new(TimeSpan.FromMilliseconds(20)), Budget = 1 } };
        await using var gateway = await StartAsync(policy, quick.Address, slow.Address);
        Assert.Equal(200, await StatusAsync(gateway));
        Assert.Equal(200, await StatusAsync(gateway));
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await Eventually.HoldsAsync(() => gateway.Services.Current.Find("up")!.Instances.All(i => i.InFlight == 0));
    }

    [Fact]
    public async Task Fallbacks_are_tried_in_order()
    {
        await using var upstream = await Script.StartAsync(500);
        await using var other = await Script.StartAsync(200);
        var policy = s_atOnce with { Fallback = [new() { Cached = TimeSpan.FromMinutes(1) }, new() { Service = "other" }, new() { Value = CelTree.Map([new("items", CelTree.List()), new("asked", "path.rest")]) }] };
        var options = Options(policy, upstream.Address);
        options = options with { Services = options.Services.With("other", new() { Endpoints = [new() { Url = other.Address.ToString() }] }) };
        await using var gateway = await GatewayHost.StartAsync(options);
        var counted = new ConcurrentQueue<string>();
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Enqueue(string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))));
        listener.EnableMeasurementEvents(WeftMeter.Fallbacks);
        using (var response = await gateway.Client.GetAsync("/x"))
        {
            Assert.Equal("service", response.Headers.GetValues("weft-fallback").Single());
            Assert.Equal("answer 1", await response.Content.ReadAsStringAsync());
        }
        other.Fail();
        using (var response = await gateway.Client.GetAsync("/x"))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("value", response.Headers.GetValues("weft-fallback").Single());
            Assert.Equal("""{"items":[],"asked":"x"}""", await response.Content.ReadAsStringAsync());
        }
        await Eventually.HoldsAsync(() => counted.Contains("service=up kind=service") && counted.Contains("service=up kind=value"));
    }

    [Fact]
    public async Task The_last_good_answer_is_given_to_the_same_caller_only_and_not_for_ever()
    {
        var time = new FakeTimeProvider();
        await using var upstream = await Script.StartAsync(200, 200, 500);
        var policy = s_atOnce with { Breaker = CircuitBreakerOptions.Off, Fallback = [new() { Cached = TimeSpan.FromMinutes(10) }] };
        await using var gateway = await GatewayHost.StartAsync(Options(policy, upstream.Address), time);
        Assert.Equal("answer 1", await AskAsync(gateway, "ann"));
        Assert.Equal("answer 2", await AskAsync(gateway, "bob"));
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal("answer 1 aged 180", await AskAsync(gateway, "ann"));
        Assert.Equal("answer 2 aged 180", await AskAsync(gateway, "bob"));
        Assert.StartsWith("500", await AskAsync(gateway, "eve"), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(8));
        Assert.StartsWith("500", await AskAsync(gateway, "ann"), StringComparison.Ordinal);

        static async Task<string> AskAsync(GatewayHost gateway, string who)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/x") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", who) } };
            using var response = await gateway.Client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            return response.StatusCode != HttpStatusCode.OK ? $"{(int)response.StatusCode} {text}" : response.Headers.Age is { } age ? $"{text} aged {age.TotalSeconds}" : text;
        }
    }

    private static Task<GatewayHost> StartAsync(PolicyOptions policy, params Uri[] upstreams) => GatewayHost.StartAsync(Options(policy, upstreams));

    private static WeftOptions Options(PolicyOptions policy, params Uri[] upstreams) =>
        GatewayHost.Forward(new(), upstreams) with { Policies = OptionsMap.Create<PolicyOptions>([new(PolicyOptions.StandardName, policy)]) };

    private static async Task<int> StatusAsync(GatewayHost gateway)
    {
        using var response = await gateway.Client.GetAsync("/x");
        return (int)response.StatusCode;
    }

    /// <summary>A service that answers with one status after the other, the last one for ever.</summary>
    private sealed class Script : IAsyncDisposable
    {
        private readonly List<Request> _requests = [];
        private int[] _statuses;
        private Upstream? _upstream;

        private Script(int[] statuses) => _statuses = statuses;

        public Uri Address => _upstream!.Address;

        public string? RetryAfter { get; set; }

        public List<Request> Requests => _requests;

        public sealed record Request(string Attempt, string Timeout, string For, string Body);

        public static async Task<Script> StartAsync(params int[] statuses)
        {
            var script = new Script(statuses);
            script._upstream = await Upstream.StartAsync(script.AnswerAsync);
            return script;
        }

        public void Restart() => _requests.Clear();

        public void Fail() => _statuses = [500];

        public ValueTask DisposeAsync() => _upstream!.DisposeAsync();

        private async Task AnswerAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body);
            var headers = context.Request.Headers;
            _requests.Add(new(headers["weft-attempt"].ToString(), headers["weft-timeout-ms"].ToString(), headers["X-Forwarded-For"].ToString(), await reader.ReadToEndAsync()));
            context.Response.StatusCode = _statuses[Math.Min(_requests.Count, _statuses.Length) - 1];
            if (RetryAfter is not null)
                context.Response.Headers.RetryAfter = RetryAfter;
            await context.Response.WriteAsync($"answer {_requests.Count}");
        }
    }
}
