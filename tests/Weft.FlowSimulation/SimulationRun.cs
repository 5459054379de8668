using Weft.Flows;
using Weft.Options;

namespace Weft.FlowSimulation;

/// <summary>One run from one seed: publishers, processes that come and go, faults, and then calm, in which everything has to come to rest.</summary>
internal sealed class SimulationRun
{
    private const int MostTurns = 1_000_000;

    private static readonly string[] s_subscriptions = ["billing", "mail"];
    private static readonly TimeSpan s_toRest = TimeSpan.FromMinutes(30);

    private readonly World _world;
    private readonly Judge _judge;
    private readonly SimulatedStore _store;
    private readonly Sabotage _sabotage;
    private readonly WeftOptions _options;
    private SimulatedProcess? _process;
    private bool _restarts, _ends;

    private SimulationRun(string store, int seed, Sabotage sabotage)
    {
        _world = new(seed);
        _judge = new(_world, s_subscriptions);
        _store = SimulatedStore.Create(store, _world);
        _sabotage = sabotage;
        _options = ChooseOptions();
    }

    /// <summary>Runs a seed. Call it on the thread pool, which must have one thread and nothing else to do.</summary>
    public static async Task<SimulationResult> RunAsync(string store, int seed, Sabotage sabotage)
    {
        var run = new SimulationRun(store, seed, sabotage);
        try
        {
            await run.RunAsync();
        }
        catch (Exception e)
        {
            run._judge.Violate($"the run ended with {e}");
        }
        return new(run._judge.Violations, run._world.Trace, run._world.Faults, run._judge.Published);
    }

    private async Task RunAsync()
    {
        var chance = _world.Chance;
        int keys = chance.Next(1, 5);
        var actors = new List<Task>();
        for (int i = chance.Next(1, 4); i > 0; i--)
            actors.Add(new SimulatedPublisher(i, chance.Next(5, 30), keys, () => _process, _world, _judge).RunAsync());
        actors.Add(RepeatAsync(chance.Next(6), 8000, Kill));
        actors.Add(RepeatAsync(chance.Next(3), 15_000, () => _restarts = true));
        actors.Add(RepeatAsync(chance.Next(3), 15_000, FailStore));
        actors.Add(RepeatAsync(chance.Next(3), 15_000, StepClock));
        var living = LiveAsync();
        var all = EndAsync(actors, living);
        if (!await MoveAsync(all))
            return;
        await all;
        _judge.End();
    }

    // Lets everything run that can, then moves the clock to the next timer, until the end. False when the end does not come.
    private async Task<bool> MoveAsync(Task all)
    {
        long limit = long.MaxValue;
        while (true)
        {
            int turns = 0;
            do
            {
                if (++turns > MostTurns)
                    throw new InvalidOperationException("It does not come to rest at one moment.");
                await Task.Yield();
            }
            while (ThreadPool.PendingWorkItemCount > 0);
            if (all.IsCompleted)
                return true;
            if (_world.IsCalm && limit == long.MaxValue)
                limit = _world.Time.GetTimestamp() + s_toRest.Ticks;
            if (_world.Time.NextDue is not { } next || next > limit)
            {
                _judge.Violate($"it does not come to rest: {Describe()}");
                return false;
            }
            _world.Time.MoveTo(next);
        }
    }

    private async Task EndAsync(List<Task> actors, Task living)
    {
        await Task.WhenAll(actors);
        _world.IsCalm = true;
        _process?.KillIn(int.MaxValue);
        _store.CutInWrites(int.MaxValue);
        _world.Note("calm");
        while (_process is not { IsDead: false, Started: true } process || !await IsSettledAsync(process.Log))
            await _world.WaitAsync(TimeSpan.FromSeconds(10));
        foreach (string subscription in s_subscriptions)
        {
            foreach (var dead in await _process!.Log.ReadParkedAsync(subscription, new(ParkedState.Dead, Limit: int.MaxValue), default))
                _judge.Dead(subscription, dead);
        }
        _ends = true;
        await living;
    }

    // One process after another, until the end.
    private async Task LiveAsync()
    {
        while (!_ends)
        {
            var process = new SimulatedProcess(_store, _world, _judge, _sabotage);
            await StartAsync(process);
            while (process.Started && !process.IsDead && !_restarts && !_ends)
                await _world.WaitAsync(TimeSpan.FromMilliseconds(50));
            bool killed = process.IsDead || !_store.IsReachable;
            if (!killed && process.Started)
            {
                _world.Note("stopping");
                _world.Faults.Add("restarts");
                await process.StopAsync();
                killed = process.IsDead;
            }
            await process.AbandonAsync();
            bool powerFailed = killed && _world.OneIn(2);
            if (killed)
                _world.Faults.Add(powerFailed ? "losses of power" : "kills");
            _store.Recover(powerFailed);
            (_process, _restarts) = (null, false);
            await _world.WaitAsync(_world.UpTo(2000));
        }
    }

    private async Task StartAsync(SimulatedProcess process)
    {
        _process = process;
        try
        {
            await process.StartAsync(weft =>
            {
                weft.Options = _options;
                foreach (string subscription in s_subscriptions)
                    weft.Handler(subscription, new SimulatedHandler(subscription, () => process, _world, _judge).HandleAsync);
            });
            _world.Note("started");
        }
        catch (Exception e)
        {
            // A store that fails at the start ends the process, and whoever watches it starts it again.
            if (!process.IsDead && _store.IsReachable && (_world.IsCalm || e is not LogException))
                _judge.Violate($"the start failed: {e}");
        }
    }

    private async Task RepeatAsync(int times, int within, Action action)
    {
        for (int i = 0; i < times; i++)
        {
            await _world.WaitAsync(_world.UpTo(within));
            action();
        }
    }

    private void Kill()
    {
        if (_process is not { } process || (_world.OneIn(2) && _store.CutInWrites(_world.Chance.Next(1, 60))))
            return;
        process.KillIn(_world.Chance.Next(1, _world.OneIn(2) ? 30 : 150));
    }

    private void FailStore()
    {
        _world.Faults.Add("times in which the store fails");
        _world.FailsUntil = _world.Time.GetTimestamp() + _world.UpTo(6000).Ticks;
    }

    private void StepClock()
    {
        _world.Faults.Add("steps of the clock");
        _world.Time.Step(TimeSpan.FromMilliseconds(_world.Chance.Next(-60_000, 60_000)));
    }

    private static async Task<bool> IsSettledAsync(IMessageLog log)
    {
        var all = await log.ListSubscriptionsAsync(default);
        return all.Count == s_subscriptions.Length
            && all.All(s => s is { Retrying: 0, Behind: 0 } && s.Low == s.Head)
            && (await log.ReadScheduledAsync(new(), default)).Count == 0;
    }

    private string Describe() => _process is { Started: true } process
        ? string.Join("; ", process.Log.ListSubscriptionsAsync(default).AsTask().GetAwaiter().GetResult())
        : $"the process {(_process is null ? "does not start" : _process.IsDead ? "is dead and does not end" : "does not stop")}";

    private WeftOptions ChooseOptions()
    {
        var options = new WeftOptions { Topics = [new("orders", new())], Connections = [new("main", new ConnectionOptions { Sqlite = "simulated" })] };
        foreach (string name in s_subscriptions)
        {
            var subscription = new SubscriptionOptions
            {
                From = "orders",
                Handler = name,
                Start = "beginning",
                Concurrency = Pick(1, 2, 4, 16),
                Retry = new() { Now = Pick(0, 1, 2), Base = TimeSpan.FromSeconds(1), Cap = TimeSpan.FromSeconds(8), For = Pick(TimeSpan.FromDays(300), TimeSpan.FromSeconds(20)) },
            };
            if (subscription.Retry.For < TimeSpan.FromDays(1))
                _judge.GiveUp.Add(name);
            options = options with { Subscriptions = options.Subscriptions.With(name, subscription) };
        }
        return options;
    }

    private T Pick<T>(params ReadOnlySpan<T> values) => values[_world.Chance.Next(values.Length)];
}

/// <summary>What came of a run.</summary>
/// <param name="Violations">What was wrong; empty when nothing was.</param>
/// <param name="Trace">Everything that happened.</param>
/// <param name="Faults">What was injected.</param>
/// <param name="Published">How many publishes returned.</param>
internal sealed record SimulationResult(IReadOnlyList<string> Violations, string Trace, FaultCounts Faults, int Published);
