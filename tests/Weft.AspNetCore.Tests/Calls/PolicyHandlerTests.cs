using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Weft.AspNetCore.Tests.Rig;
using Weft.Calls;
using Weft.CircuitBreaker;
using Weft.Concurrency;
using Weft.Options;
using Weft.Timeouts;

namespace Weft.AspNetCore.Tests.Calls;

/// <summary>Policies around an HttpClient, over real sockets.</summary>
public sealed class PolicyHandlerTests
{
    private static readonly PolicyOptions s_atOnce = new() { Retry = new() { Base = TimeSpan.Zero, Cap = TimeSpan.Zero, Budget = new() { Floor = 1000 } } };

    [Fact]
    public async Task What_passes_is_repeated_and_the_last_real_answer_is_returned()
    {
        var seen = new List<string>();
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            using var reader = new StreamReader(c.Request.Body);
            seen.Add($"{c.Request.Method} {c.Request.Headers["weft-attempt"]} {await reader.ReadToEndAsync()}".Trim());
            c.Response.StatusCode = c.Request.Path == "/passes" && seen.Count > 1 ? 200 : 503;
        });
        using var client = Client(new WeftPolicyHandler(s_atOnce), upstream);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/passes")).StatusCode);
        Assert.Equal(["GET", "GET 1"], seen);
        seen.Clear();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.PutAsync("/stays", new StringContent("body"))).StatusCode);
        Assert.Equal(["PUT  body", "PUT 1 body", "PUT 2 body"], seen);
        seen.Clear();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.PostAsync("/stays", new StringContent("body"))).StatusCode);
        Assert.Equal(["POST  body"], seen);
    }

    [Fact]
    public async Task Each_authority_has_a_breaker_of_its_own_that_all_clients_of_a_policy_share()
    {
        var time = new FakeTimeProvider();
        await using var bad = await Upstream.StartAsync(c =>
        {
            c.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using var good = await Upstream.StartAsync(_ => Task.CompletedTask);
        await using var services = new ServiceCollection().AddSingleton<TimeProvider>(time).AddWeftResilience(("quick", s_atOnce with { Breaker = new() { Failures = 2, Open = TimeSpan.FromSeconds(5) } })).BuildServiceProvider();
        var policies = services.GetRequiredService<WeftPolicies>();
        using var one = Client(policies.Handler("quick"), bad);
        using var other = Client(policies.Handler("quick"), bad);
        Assert.Equal(HttpStatusCode.InternalServerError, (await one.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, (await other.GetAsync("/")).StatusCode);
        var rejected = await Assert.ThrowsAsync<CircuitOpenException>(() => one.GetAsync("/"));
        Assert.InRange(rejected.RetryAfter.TotalSeconds, 4, 6);
        Assert.Equal(HttpStatusCode.OK, (await one.GetAsync(good.Address)).StatusCode);
        Assert.Throws<KeyNotFoundException>(() => policies.Handler("slow"));
    }

    [Fact]
    public async Task What_is_not_in_time_says_whose_time_it_was()
    {
        await using var upstream = await Upstream.StartAsync(c => Task.Delay(Timeout.Infinite, c.RequestAborted));
        using var client = Client(new WeftPolicyHandler(PolicyOptions.None with { Timeout = new() { Fixed = TimeSpan.FromMilliseconds(100) } }), upstream);
        await Assert.ThrowsAsync<AttemptTimeoutException>(() => client.GetAsync("/"));
        using (Deadline.Begin(TimeSpan.FromMilliseconds(80)))
            await Assert.ThrowsAsync<DeadlineExceededException>(() => client.GetAsync("/"));
        using (Deadline.Begin(TimeSpan.Zero))
            await Assert.ThrowsAsync<DeadlineExceededException>(() => client.GetAsync("/"));
        using var gone = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync("/", gone.Token));
    }

    [Fact]
    public async Task Nobody_there_is_the_exception_of_the_network_and_too_many_are_rejected()
    {
        using var nobody = Client(new WeftPolicyHandler(s_atOnce), null);
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => nobody.GetAsync("/"));
        Assert.Equal(HttpRequestError.ConnectionError, failure.HttpRequestError);

        var (release, arrived) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var upstream = await Upstream.StartAsync(_ =>
        {
            arrived.TrySetResult();
            return release.Task;
        });
        using var client = Client(new WeftPolicyHandler(s_atOnce with { Bulkhead = new() { Max = 1 } }), upstream);
        var first = client.GetAsync("/");
        await arrived.Task;
        await Assert.ThrowsAsync<BulkheadRejectedException>(() => client.GetAsync("/"));
        release.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
    }

    [Fact]
    public async Task A_synchronous_request_has_the_policy_too()
    {
        var attempts = new List<string>();
        await using var upstream = await Upstream.StartAsync(c =>
        {
            attempts.Add(c.Request.Headers["weft-attempt"].ToString());
            c.Response.StatusCode = attempts.Count == 3 ? 200 : 503;
            return c.Response.WriteAsync("7");
        });
        using var client = Client(new WeftPolicyHandler(s_atOnce), upstream);
        using var answer = client.Send(new HttpRequestMessage(HttpMethod.Get, "/"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var body = new StreamReader(answer.Content.ReadAsStream());
        Assert.Equal("7", body.ReadToEnd());
        Assert.Equal(["", "1", "2"], attempts);
    }

    [Fact]
    public async Task What_can_be_written_again_is_repeated_and_what_is_too_long_or_of_unknown_length_is_not()
    {
        var bodies = new List<int>();
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            using var reader = new StreamReader(c.Request.Body);
            bodies.Add((await reader.ReadToEndAsync()).Length);
            c.Response.StatusCode = 503;
        });
        using var client = Client(new WeftPolicyHandler(s_atOnce with { Retry = s_atOnce.Retry with { Body = 100 } }), upstream);
        await client.PutAsync("/", JsonContent.Create(new { name = "seven" }));
        Assert.Equal([16, 16, 16], bodies);
        bodies.Clear();
        await client.PutAsync("/", new ByteArrayContent(new byte[101]));
        Assert.Equal([101], bodies);
        bodies.Clear();
        await client.PutAsync("/", new Unseekable("of unknown length"));
        Assert.Equal([17], bodies);
    }

    [Fact]
    public async Task What_the_service_says_about_coming_again_is_heeded_within_the_deadline_and_429_is_no_failure()
    {
        var time = new FakeTimeProvider();
        var busy = new Answering(r => new(HttpStatusCode.TooManyRequests) { Headers = { { "Retry-After", r.RequestUri!.Query[1..] } } });
        using var client = new HttpClient(new WeftPolicyHandler(s_atOnce with { Breaker = new() { Failures = 1 }, Retry = s_atOnce.Retry with { Max = 1 } }, time) { InnerHandler = busy })
        {
            BaseAddress = new Uri("http://busy.invalid"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var waiting = client.GetAsync("/?3");
        time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal((false, 1), (waiting.IsCompleted, busy.Count));
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await waiting).StatusCode);
        Assert.Equal(2, busy.Count);
        // The deadline is over before that, so the answer comes at once; and no breaker has opened.
        Assert.Equal(HttpStatusCode.TooManyRequests, (await client.GetAsync("/?20")).StatusCode);
        Assert.Equal(3, busy.Count);
    }

    [Fact]
    public async Task A_body_that_stalls_ends_with_an_error_that_says_so()
    {
        var time = new FakeTimeProvider();
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            await c.Response.WriteAsync("begins ");
            await c.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, c.RequestAborted);
        });
        using var client = Client(new WeftPolicyHandler(new PolicyOptions { Deadline = new() { Idle = TimeSpan.FromSeconds(5) } }, time), upstream);
        using var answer = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[100];
        Assert.Equal(7, await body.ReadAsync(buffer));
        var silent = body.ReadAsync(buffer).AsTask();
        time.Advance(TimeSpan.FromSeconds(5));
        var error = await Assert.ThrowsAsync<IOException>(() => silent);
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Contains("Nothing came for 5 s", error.Message, StringComparison.Ordinal);

        // A reader that takes its time does no harm, and its own cancellation is told from silence.
        using var second = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        time.Advance(TimeSpan.FromHours(1));
        body = await second.Content.ReadAsStreamAsync();
        Assert.Equal(7, await body.ReadAsync(buffer));
        using var gone = new CancellationTokenSource();
        silent = body.ReadAsync(buffer, gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => silent);
    }

    [Fact]
    public async Task The_service_is_told_the_time_that_is_left_and_never_who_the_user_is()
    {
        var headers = new List<string>();
        await using var upstream = await Upstream.StartAsync(c =>
        {
            headers.Add(c.Request.Headers["weft-timeout-ms"].ToString());
            return Task.Delay(Timeout.Infinite, c.RequestAborted);
        });
        using var client = Client(new WeftPolicyHandler(PolicyOptions.None with { Deadline = new() { Total = TimeSpan.FromMilliseconds(200), Propagate = true } }), upstream);
        var address = new UriBuilder(upstream.Address) { UserName = "user", Password = "pa55word" }.Uri;
        var error = await Assert.ThrowsAsync<DeadlineExceededException>(() => client.GetAsync(address));
        Assert.InRange(int.Parse(Assert.Single(headers), System.Globalization.CultureInfo.InvariantCulture), 1, 200);
        Assert.DoesNotContain("pa55word", error.ToString(), StringComparison.Ordinal);
        Assert.Equal($"http://127.0.0.1:{upstream.Address.Port}", AuthorityServices.NameOf(address));
    }

    [Fact]
    public async Task Policies_of_several_calls_and_of_AddWeft_are_one_set()
    {
        var services = new ServiceCollection().AddLogging().AddWeft(weft => weft.Configure(o => o with { Policies = o.Policies.With("fromFile", s_atOnce) }))
            .AddWeftResilience(("one", s_atOnce)).AddWeftResilience(("two", s_atOnce));
        Assert.Contains("'one' is defined twice", Assert.Throws<ArgumentException>(() => services.AddWeftResilience(("one", s_atOnce))).Message, StringComparison.Ordinal);
        await using (var provider = services.BuildServiceProvider())
        {
            foreach (var name in (string[])["fromFile", "one", "two", "standard", "none"])
                Assert.NotNull(provider.GetRequiredService<WeftPolicies>().Get(name));
        }
        await using var twice = services.AddWeftResilience(("fromFile", s_atOnce)).BuildServiceProvider();
        Assert.Contains("'fromFile' is defined both", Assert.Throws<WeftConfigurationException>(() => twice.GetRequiredService<WeftPolicies>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_makes_no_sense_is_refused_with_place_and_remedy()
    {
        var wrong = Assert.Throws<WeftConfigurationException>(() => new WeftPolicyHandler(new PolicyOptions { Retry = new() { Max = 500, Methods = ["POST"] } }));
        Assert.Contains("retry.max is 500; allowed 0 to 20", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("unsafe: true", wrong.Message, StringComparison.Ordinal);
        var pipeline = Assert.Throws<WeftConfigurationException>(() => new WeftPolicies([new("hedged", new() { Hedge = new() })]).Pipeline("hedged"));
        Assert.Contains("hedge", pipeline.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_registration_of_the_page_works()
    {
        await using var upstream = await Upstream.StartAsync(c => c.Response.WriteAsync("7"));
        var services = new ServiceCollection();
        // region registration
        services.AddWeftResilience(
            ("fragile", new() { Deadline = new() { Total = TimeSpan.FromSeconds(2) }, Breaker = new() { Failures = 3 } }));

        await using var provider = services.BuildServiceProvider();
        var policies = provider.GetRequiredService<WeftPolicies>();

        // With a factory of clients: .AddHttpMessageHandler(s => s.GetRequiredService<WeftPolicies>().Handler("fragile"))
        var handler = policies.Handler("fragile");
        handler.InnerHandler = new SocketsHttpHandler();
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var order = await client.GetStringAsync(new Uri(upstream.Address, "/orders/7"));

        var size = await policies.Pipeline("fragile").ExecuteAsync(_ => new ValueTask<int>(order.Length));
        // endregion
        Assert.Equal(1, size);
    }

    [Fact]
    public async Task A_pipeline_has_the_parts_in_their_order()
    {
        var policies = new WeftPolicies([new("quick", s_atOnce with { Breaker = new() { Failures = 3 } })]);
        var pipeline = policies.Pipeline("quick");
        Assert.Same(pipeline, policies.Pipeline("quick"));
        var calls = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pipeline.ExecuteAsync(_ =>
        {
            calls++;
            return ValueTask.FromException(new InvalidOperationException());
        }));
        Assert.Equal(3, calls);
        await Assert.ThrowsAsync<CircuitOpenException>(async () => await pipeline.ExecuteAsync(_ => default));
    }

    // Without an upstream the address is one where nobody listens.
    private static HttpClient Client(WeftPolicyHandler handler, Upstream? upstream)
    {
        handler.InnerHandler = new SocketsHttpHandler();
        return new HttpClient(handler) { BaseAddress = upstream?.Address ?? new Uri("http://127.0.0.1:1"), Timeout = TimeSpan.FromSeconds(30) };
    }

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public int Count { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Count++;
            return Task.FromResult(answer(request));
        }
    }

    private sealed class Unseekable(string text) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
