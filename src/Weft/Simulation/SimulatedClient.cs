using Microsoft.Extensions.Logging.Abstractions;
using Weft.Calls;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Simulation;

/// <summary>A process that calls the service: the shipped pipeline with the shipped policies, over simulated servers in place of a network.</summary>
internal sealed class SimulatedClient : ICallSender<SimulatedAnswer>
{
    private const string Name = "simulated";

    private readonly VirtualTime _time;
    private readonly CallPipeline _calls;
    private readonly CallInput _input;
    private readonly Tally _tally;
    private readonly Dictionary<Instance, SimulatedServer> _servers = [];

    /// <param name="scenario">The scenario.</param>
    /// <param name="servers">The servers.</param>
    /// <param name="time">The clock.</param>
    /// <param name="chance">For its waits; only used here.</param>
    /// <param name="tally">Counts.</param>
    public SimulatedClient(Scenario scenario, SimulatedServer[] servers, VirtualTime time, Random chance, Tally tally)
    {
        (_time, _tally) = (time, tally);
        _calls = new CallPipeline(time);
        _input = new CallInput("call", scenario.Method);
        var endpoints = Enumerable.Range(0, scenario.Instances ?? servers.Length).Select(i => new EndpointOptions { Url = $"http://server-{i}.invalid" });
        Service = new Service(Name, new ServiceOptions { Endpoints = [.. endpoints] }, scenario.Policy, [], time, chance, NullLogger.Instance);
        for (var i = 0; i < Service.Instances.Count; i++)
            _servers.Add(Service.Instances[i], servers[i % servers.Length]);
    }

    /// <summary>The service as this process sees it.</summary>
    public Service Service { get; }

    /// <inheritdoc/>
    public bool CanHedge => true;

    /// <summary>Makes a call. Never throws: what goes wrong in the policies is kept by the tally.</summary>
    public async Task CallAsync()
    {
        var began = _tally.CallBegins();
        try
        {
            using var call = await _calls.RunAsync(Service, _input, this, CancellationToken.None).ConfigureAwait(false);
            _tally.CallEnded(began, call.Rejection, call.Outcome);
        }
        catch (Exception e)
        {
            // It would be lost in a task that nobody awaits; whoever runs the simulation gets it.
            _tally.Broke(e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<Sent<SimulatedAnswer>> SendAsync(Attempt attempt)
    {
        var server = _servers[attempt.Instance];
        var request = new SimulatedRequest(server, attempt, _time.GetTimestamp(), _tally);
        _tally.AttemptBegins();
        server.Take(request);
        request.Watch();
        return new(request.Task);
    }

    /// <inheritdoc/>
    public void Discard(SimulatedAnswer answer)
    {
    }
}
