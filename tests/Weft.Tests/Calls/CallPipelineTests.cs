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

    [Theory]
    [InlineData(1, false)]   // The other one is closed.
    [InlineData(2, true)]
    public async Task An_instance_that_was_forced_open_gets_nothing_whatever_the_others_are_like(int forced, bool isRejected)
    {
        var (pipeline, service) = (new CallPipeline(_time), Service(new() { Retry = RetryOptions.Off }, 2));
        foreach (var instance in service.Instances.Take(forced))
            instance.Breaker.Force(CircuitBreakerMode.ForcedOpen);
        for (var i = 0; i < 4; i++)
        {
            using var call = await pipeline.RunAsync(service, new CallInput("test", "GET"), new Sender(_ => new(AttemptResult.Answered, 200)), default);
            Assert.Equal(isRejected ? Rejection.Breaker : Rejection.None, call.Rejection);
        }
        Assert.All(service.Instances.Take(forced), instance => Assert.Equal(0, instance.Attempts));
        Assert.False(service.IgnoresBreakers(_time.GetTimestamp()));
    }

    [Fact]
    public async Task One_that_was_forced_open_is_not_counted_so_the_last_one_keeps_its_breaker()
    {
        var (pipeline, service) = (new CallPipeline(_time), Service(new() { Retry = RetryOptions.Off, Breaker = new() { Failures = 1 } }, 2));
        service.Instances[0].Breaker.Force(CircuitBreakerMode.ForcedOpen);
        using (var failed = await pipeline.RunAsync(service, new CallInput("test", "GET"), new Sender(_ => new(AttemptResult.Answered, 500)), default))
            Assert.Equal(500, failed.Outcome.Status);
        using var call = await pipeline.RunAsync(service, new CallInput("test", "GET"), new Sender(_ => new(AttemptResult.Answered, 200)), default);
        Assert.Equal(Rejection.Breaker, call.Rejection);
    }

    [Fact]
    public async Task Repeats_are_counted_and_those_that_were_not_made_by_their_reason()
    {
        var (pipeline, service) = (new CallPipeline(_time), Service(new() { Retry = new() { Base = TimeSpan.Zero } }));
        for (var i = 0; i < 2; i++)
        {
            using var call = await pipeline.RunAsync(service, new CallInput("test", "GET"), new Sender(_ => new(AttemptResult.Answered, 503)), default);
            Assert.Equal(503, call.Outcome.Status);
        }
        Assert.Equal(1, service.Guard.Repeats.Made);
        Assert.Equal([("budget", 2L)], service.Guard.Repeats.NotMade());
    }

    [Fact]
    public async Task The_last_real_answer_is_returned_when_the_breaker_opens_before_it_is_repeated()
    {
        var policy = new PolicyOptions { Retry = new() { Base = TimeSpan.FromSeconds(1), Cap = TimeSpan.FromSeconds(1), Budget = new() { Floor = 1000 } }, Breaker = new() { Failures = 2 }, Timeout = new() { Fixed = TimeSpan.FromSeconds(2) } };
        var (pipeline, service) = (new CallPipeline(_time), Service(policy));
        var first = new Sender(_ => new(AttemptResult.Answered, 503));
        var waiting = pipeline.RunAsync(service, new CallInput("test", "GET"), first, default).AsTask();
        Assert.False(waiting.IsCompleted);
        using (var other = await pipeline.RunAsync(service, new CallInput("test", "POST"), new Sender(_ => new(AttemptResult.Answered, 500)), default))
            Assert.Equal(500, other.Outcome.Status);

        _time.Advance(TimeSpan.FromSeconds(1));
        using (var call = await waiting)
        {
            Assert.Equal((Rejection.None, 503, "answer"), (call.Rejection, call.Outcome.Status, call.Answer));
            Assert.Equal(0, first.Discarded);
            Assert.False(call.Attempt.Clock.Token.IsCancellationRequested);
        }
        Assert.Equal((0, 0), (service.Guard.Bulkhead.Running, service.Instances[0].InFlight));
    }

    [Fact]
    public async Task An_answer_is_let_go_once_another_attempt_has_begun_and_when_the_caller_goes()
    {
        var policy = new PolicyOptions { Retry = new() { Base = TimeSpan.FromSeconds(1), Cap = TimeSpan.FromSeconds(1), Budget = new() { Floor = 1000 } } };
        var (pipeline, service) = (new CallPipeline(_time), Service(policy));
        var sender = new Sender(attempt => new(AttemptResult.Answered, attempt.Number == 1 ? 503 : 200));
        var waiting = pipeline.RunAsync(service, new CallInput("test", "GET"), sender, default).AsTask();
        Assert.Equal(0, sender.Discarded);
        _time.Advance(TimeSpan.FromSeconds(1));
        using (var call = await waiting)
            Assert.Equal((200, 1), (call.Outcome.Status, sender.Discarded));

        using var gone = new CancellationTokenSource();
        waiting = pipeline.RunAsync(service, new CallInput("test", "GET"), sender, gone.Token).AsTask();
        await gone.CancelAsync();
        using (var call = await waiting)
            Assert.Equal((Rejection.Cancelled, 2), (call.Rejection, sender.Discarded));
        Assert.Equal((0, 0), (service.Guard.Bulkhead.Running, service.Instances[0].InFlight));
    }

    [Fact]
    public async Task What_a_call_waits_for_a_place_is_taken_from_its_time()
    {
        var policy = new PolicyOptions { Bulkhead = new() { Max = 1, Queue = 1 }, Deadline = new() { Total = TimeSpan.FromSeconds(10), Margin = TimeSpan.Zero }, Timeout = new() { Fixed = TimeSpan.FromSeconds(9) } };
        var (pipeline, service) = (new CallPipeline(_time), Service(policy));
        var first = await pipeline.RunAsync(service, new CallInput("test", "GET"), new Sender(_ => new(AttemptResult.Answered, 200)), default);
        Attempt? seen = null;
        var waiting = pipeline.RunAsync(service, new CallInput("test", "GET"), new Sender(attempt => new((seen = attempt) is null ? default : AttemptResult.Answered, 200)), default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(4));
        first.Dispose();
        using (await waiting)
            Assert.Equal((TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(6), true), (seen!.Value.Remaining, seen.Value.Timeout, seen.Value.IsShortened));
    }

    private Service Service(PolicyOptions policy, int instances = 1) => new(
        "up", new() { Endpoints = [.. Enumerable.Range(1, instances).Select(i => new EndpointOptions { Url = $"http://127.0.0.1:{i}" })] }, policy, [], _time, new Random(1), NullLogger.Instance);

    private sealed class Sender(Func<Attempt, AttemptOutcome> send) : ICallSender<string>
    {
        public bool CanHedge => false;

        public ValueTask<Sent<string>> SendAsync(Attempt attempt) => new(new Sent<string>(send(attempt), "answer") { CanRepeat = true });

        public int Discarded { get; private set; }

        public void Discard(string answer) => Discarded++;
    }
}
