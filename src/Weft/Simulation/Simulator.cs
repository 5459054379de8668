namespace Weft.Simulation;

/// <summary>
/// Runs the shipped policies on virtual time: a discrete-event simulation in which only network, servers and clock are models. Everything runs on the calling thread,
/// and the same scenario gives the same result to the last bit. Times of service are drawn from a distribution: locks, pauses and connections that run out are not in it.
/// </summary>
internal sealed class Simulator : IVirtualEvent
{
    private readonly Scenario _scenario;
    private readonly VirtualTime _time = new();
    private readonly Tally _tally;
    private readonly Random _arrivals;
    private readonly SimulatedServer[] _servers;
    private readonly SimulatedClient[] _clients;
    private double _load = 1;

    private Simulator(Scenario scenario)
    {
        _scenario = scenario;
        _tally = new Tally(_time);
        var seeds = new Random(scenario.Seed);
        _arrivals = new Random(seeds.Next());
        _servers = [.. Enumerable.Range(0, scenario.Servers).Select(_ => new SimulatedServer(scenario.Server, _time, new Random(seeds.Next())))];
        _clients = [.. Enumerable.Range(0, scenario.Clients).Select(_ => new SimulatedClient(scenario, _servers, _time, new Random(seeds.Next()), _tally))];
        foreach (var trigger in scenario.Triggers)
        {
            _time.Schedule(new Switch(this, trigger, isOn: true), trigger.From.Ticks);
            _time.Schedule(new Switch(this, trigger, isOn: false), trigger.To.Ticks);
        }
        ScheduleNext();
    }

    /// <summary>Runs a scenario to the end of its last call.</summary>
    /// <exception cref="InvalidOperationException">A policy threw, or did not end a call.</exception>
    public static SimulationResult Run(Scenario scenario)
    {
        var simulator = new Simulator(scenario);
        simulator._time.Run();
        simulator._tally.Close();
        return simulator.Result();
    }

    /// <summary>A call comes.</summary>
    public void Fire(int version)
    {
        ScheduleNext();
        _ = _clients[_clients.Length == 1 ? 0 : _arrivals.Next(_clients.Length)].CallAsync();
    }

    private void ScheduleNext()
    {
        var at = _time.GetTimestamp() + TimeSpan.FromSeconds(-Math.Log(1 - _arrivals.NextDouble()) / (_scenario.Rate * _load)).Ticks;
        if (at < _scenario.Duration.Ticks)
            _time.Schedule(this, at);
    }

    private SimulationResult Result() => new(_scenario, [.. _tally.Calls], [.. _tally.Seconds])
    {
        Wasted = _servers.Sum(s => s.Wasted),
        Dropped = _servers.Sum(s => s.Dropped),
        LeftBehind = _clients.Sum(c => c.Service.Guard.Bulkhead.Running + c.Service.Guard.Bulkhead.Queued + c.Service.Instances.Sum(i => i.InFlight + i.Breaker.Status(_time.GetTimestamp()).Probes))
            + _servers.Sum(s => s.Load + s.Admitted),
        BulkheadLimit = _clients.Average(c => c.Service.Guard.Bulkhead.Limit),
        Timeout = _clients[0].Service.Guard.TimesOf("call").Timeout,
    };

    /// <summary>The beginning or the end of a trigger.</summary>
    private sealed class Switch(Simulator simulator, Trigger trigger, bool isOn) : IVirtualEvent
    {
        public void Fire(int version)
        {
            if (trigger.Kind == TriggerKind.Load)
            {
                simulator._load = isOn ? trigger.Factor : 1;
                return;
            }
            foreach (var server in trigger.Server is { } one ? [simulator._servers[one]] : simulator._servers)
            {
                if (trigger.Kind == TriggerKind.Slow)
                    server.Slowness = isOn ? trigger.Factor : 1;
                else if (isOn)
                    server.Stop(trigger.Kind);
                else
                    server.Start();
            }
        }
    }
}
