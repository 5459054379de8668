using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.Calls;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Tests.Calls;

public sealed class CallPipelineTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(CircuitBreakerScope.Instance, CircuitBreakerAround.Attempt)]
    [InlineData(CircuitBreakerScope.Service, CircuitBreakerAround.Retry)]
    public async Task A_sender_that_throws_leaves_nothing_held(CircuitBreakerScope scope, CircuitBreakerAround around)
    {
        var service = Service(new() { Bulkhead = new() { Max = 1 }, Breaker = new() { Scope = scope, Around = around } });
        var pipeline = new CallPipeline(_time);
        for (var i = 0; i < 10; i++)
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await pipeline.RunAsync(service, new CallInput("test", "GET"), new Sender(_ => throw new InvalidOperationException()), default));
        Assert.Equal((0, 0), (service.Guard.Bulkhead.Running, service.Instances[0].InFlight));
        using var call = await pipeline.RunAsync(service, new CallInput("test", "GET"), new Sender(_ => new(AttemptResult.Answered, 200)), default);
        Assert.Equal(Rejection.None, call.Rejection);
    }

    [Fact]
    public async Task Where_most_instances_are_open_breakers_are_not_heeded_but_that_of_a_single_one_is()
    {
        var policy = new PolicyOptions { Retry = RetryOptions.Off, Breaker = new() { Failures = 1 } };
        var pipeline = new CallPipeline(_time);
        foreach (var (count, rejected) in new[] { (1, Rejection.Breaker), (2, Rejection.None) })
        {
            var service = Service(policy, count);
            for (var i = 0; i < count; i++)
            {
                using var failed = await pipeline.RunAsync(service, new CallInput("test", "GET"), new Sender(_ => new(AttemptResult.Answered, 500)), default);
                Assert.Equal(500, failed.Outcome.Status);
            }
            using var call = await pipeline.RunAsync(service, new CallInput("test", "GET"), new Sender(_ => new(AttemptResult.Answered, 200)), default);
            Assert.Equal(rejected, call.Rejection);
        }
    }

    private Service Service(PolicyOptions policy, int instances = 1) => new(
        "up", new() { Endpoints = [.. Enumerable.Range(1, instances).Select(i => new EndpointOptions { Url = $"http://127.0.0.1:{i}" })] }, policy, [], _time, new Random(1), NullLogger.Instance);

    private sealed class Sender(Func<Attempt, AttemptOutcome> send) : ICallSender<string>
    {
        public bool CanHedge => false;

        public ValueTask<Sent<string>> SendAsync(Attempt attempt) => new(new Sent<string>(send(attempt), "answer") { CanRepeat = true });

        public void Discard(string answer)
        {
        }
    }
}
