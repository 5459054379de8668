using System.Net;
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
}
