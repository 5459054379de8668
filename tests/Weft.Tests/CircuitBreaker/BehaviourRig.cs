using Polly;
using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.Tests.CircuitBreaker;

/// <summary>What a scenario asks of a breaker, in words that both libraries have.</summary>
internal sealed record Setup
{
    /// <summary>Failures in a row, or within the window where a library cannot count a row.</summary>
    public int Failures { get; init; } = 2;

    public double? Ratio { get; init; }

    public int Minimum { get; init; } = 20;

    public double Open { get; init; } = 5;

    /// <summary>The longest time of being open; like the first one, where a scenario is not about its growth.</summary>
    public double? OpenMax { get; init; }

    public int Successes { get; init; } = 1;

    /// <summary>Calls that take longer are slow, in seconds; 0 for none.</summary>
    public double SlowOver { get; init; }

    public CircuitBreakerMode Mode { get; init; }

    public Func<Outcome<int>, bool>? ShouldHandle { get; init; }

    /// <summary>Called with each state that it changes to.</summary>
    public Action<BreakerState>? Changed { get; init; }

    public bool ByKey { get; init; }
}

/// <summary>A breaker in a Polly pipeline on a fake clock.</summary>
internal abstract class BehaviourRig
{
    public const string Key = "key";

    private ResiliencePipeline<int>? _pipeline;

    public SteppedClock Clock { get; } = new();

    public abstract BreakerState State { get; }

    /// <summary>Builds the pipeline; a second time is a reload.</summary>
    public void Build(Setup? setup = null) => _pipeline = Build(new ResiliencePipelineBuilder<int> { TimeProvider = Clock }, setup ?? new());

    public abstract Task IsolateAsync();

    public abstract Task GiveBackAsync();

    public abstract TimeSpan? RetryAfter(Exception? rejection);

    protected abstract ResiliencePipeline<int> Build(ResiliencePipelineBuilder<int> builder, Setup setup);

    /// <summary>A call that has begun, or was rejected; it ends when told to.</summary>
    public async Task<Pending> BeginAsync(string key = "a")
    {
        var call = new Pending();
        var context = ResilienceContextPool.Shared.Get(call.Cancellation.Token);
        context.Properties.Set(new ResiliencePropertyKey<string>(Key), key);
        call.Outcome = OutcomeAsync(() => _pipeline!.ExecuteOutcomeAsync(
            ValueTask<Outcome<int>> (_, c) =>
            {
                c.Made.SetResult();
                return new(OutcomeAsync(async () => Outcome.FromResult(await c.Source.Task)));
            },
            context,
            call));
        await Task.WhenAny(call.Made.Task, call.Outcome); // Polly may run callbacks elsewhere before it makes the call.
        return call;
    }

    public async Task<Pending> CallAsync(Exception? failure = null, double seconds = 0, string key = "a")
    {
        var call = await BeginAsync(key);
        Pass(seconds);
        await (failure is null ? call.Succeed() : call.Fail(failure));
        return call;
    }

    public Task<Pending> FailAsync(string key = "a") => CallAsync(new TimeZoneNotFoundException(), 0, key);

    public async Task FailAsync(int times)
    {
        for (var i = 0; i < times; i++)
            await FailAsync();
    }

    public async Task<bool> RejectsAsync(string key = "a") => !(await CallAsync(null, 0, key)).WasMade;

    public void Pass(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Builds it, opens it and waits until it may be tried.</summary>
    public async Task ReadyToProbeAsync(Setup? setup = null)
    {
        Build(setup);
        await FailAsync(2);
        Pass(6);
    }

    /// <summary>How long it stays open, tried each tenth of a second; the call that ends it fails.</summary>
    public async Task<double> OpenForAsync()
    {
        for (var i = 1; i < 10_000; i++)
        {
            Pass(0.1);
            if ((await FailAsync()).WasMade)
                return i / 10.0;
        }
        return double.PositiveInfinity;
    }

    private static async Task<Outcome<int>> OutcomeAsync(Func<ValueTask<Outcome<int>>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception thrown)
        {
            return Outcome.FromException<int>(thrown);
        }
    }

    internal sealed class Pending
    {
        public bool WasMade => Made.Task.IsCompleted;

        public TaskCompletionSource Made { get; } = new();

        public TaskCompletionSource<int> Source { get; } = new();

        public CancellationTokenSource Cancellation { get; } = new();

        public Task<Outcome<int>> Outcome { get; set; } = null!;

        public async Task<Exception?> Succeed()
        {
            Source.TrySetResult(1);
            return (await Outcome).Exception;
        }

        public async Task<Exception?> Fail(Exception? failure = null)
        {
            Source.TrySetException(failure ?? new TimeZoneNotFoundException());
            return (await Outcome).Exception;
        }

        /// <summary>The caller gives up.</summary>
        public async Task Cancel()
        {
            await Cancellation.CancelAsync();
            Source.TrySetException(new OperationCanceledException(Cancellation.Token));
            await Outcome;
        }
    }
}
