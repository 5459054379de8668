using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.Retry;
using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.Tests.CircuitBreaker;

/// <summary>The C# of docs/patterns/circuit-breaker.md.</summary>
public sealed class CircuitBreakerExamples
{
    [Fact]
    public async Task A_breaker_for_each_host()
    {
        static Task<HttpResponseMessage> SendAsync(CancellationToken cancellation) => Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.BadGateway));
        var time = new FakeTimeProvider();

        // region pipeline
        var host = new ResiliencePropertyKey<string>("host");
        var breakers = new CircuitBreakerHandle();
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddWeftCircuitBreaker(new()
            {
                Breaker = new() { Failures = 3, Open = TimeSpan.FromSeconds(2), OpenMax = TimeSpan.FromSeconds(30) },
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                    .Handle<HttpRequestException>()
                    .HandleResult(answer => (int)answer.StatusCode is 502 or 503 or 504),
                Partition = context => context.Properties.GetValue(host, ""),
                OnStateChanged = change => Console.WriteLine($"{change.Partition}: {change.To} ({change.Reason})"),
                Handle = breakers,
            })
            .AddTimeout(TimeSpan.FromSeconds(1)) // Further in, so that an attempt that takes too long is a failure.
            .Build();
        // endregion

        for (var i = 0; i < 3; i++)
            await CallAsync();
        Assert.IsType<CircuitOpenException>((await CallAsync()).Exception);

        // region operate
        foreach (var (key, status) in breakers.Partitions())
            Console.WriteLine($"{key}: {status.State}, opened {status.Openings} times, {status.Rejected} calls rejected");
        breakers.Force(CircuitBreakerMode.ForcedOpen, "a.example.com"); // For maintenance;
        breakers.Force(null, "a.example.com");                          // it goes on where it was.
        breakers.Reset();                                               // All closed, all forgotten.
        breakers.Apply(new() { Failures = 10 });                        // Other limits, the same state.
        // endregion
        Assert.Equal(System.Net.HttpStatusCode.BadGateway, (await CallAsync()).Result!.StatusCode);

        async Task<Outcome<HttpResponseMessage>> CallAsync()
        {
            // region call
            var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
            context.Properties.Set(host, "a.example.com");
            var outcome = await pipeline.ExecuteOutcomeAsync(
                async (context, _) => Outcome.FromResult(await SendAsync(context.CancellationToken)), context, 0);
            ResilienceContextPool.Shared.Return(context);
            if (outcome.Exception is CircuitOpenException rejected)
                Console.WriteLine($"try again in {rejected.RetryAfter}");
            // endregion
            return outcome;
        }
    }

    [Fact]
    public async Task The_retry_outside_waits_as_long_as_the_breaker_says()
    {
        var time = new FakeTimeProvider();

        // region retry
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                DelayGenerator = arguments => new((arguments.Outcome.Exception as CircuitOpenException)?.RetryAfter), // Null: the usual wait.
            })
            .AddWeftCircuitBreaker(new() { Breaker = new() { Failures = 1, Successes = 1 } })
            .Build();
        // endregion

        var calls = 0;
        var task = pipeline.ExecuteAsync(_ => calls++ == 0 ? throw new HttpRequestException() : ValueTask.CompletedTask).AsTask();
        for (var i = 0; i < 20 && !task.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await task;
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Options_hold_for_services_too()
    {
        // region options
        var fragile = new PolicyOptions
        {
            Breaker = new() { Ratio = 0.5, Minimum = 20, Window = TimeSpan.FromSeconds(10), Slow = new() { Over = TimeSpan.FromMilliseconds(800) } },
        };
        var options = new WeftOptions { Policies = new WeftOptions().Policies.With("fragile", fragile) };
        // endregion
        await Task.CompletedTask;
        Assert.Equal(0.5, options.Policies["fragile"].Breaker.Ratio);
    }
}
