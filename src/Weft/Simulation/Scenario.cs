using Weft.Options;

namespace Weft.Simulation;

/// <summary>What is simulated: processes that call one service under a policy while something happens to it. The same scenario gives the same result.</summary>
internal sealed record Scenario
{
    /// <summary>The policy of the calls.</summary>
    public PolicyOptions Policy { get; init; } = new();

    /// <summary>Where all chance comes from. Arrivals and times of service do not depend on the policy.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many processes call, each with its own breakers, budget, timeout and bulkhead. At least 1.</summary>
    public int Clients { get; init; } = 1;

    /// <summary>Calls a second of all processes together, which come by chance and do not wait for each other (open loop, Poisson).</summary>
    public double Rate { get; init; } = 100;

    /// <summary>How long calls come. Those that are under way then are run to their end.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>What each server is like.</summary>
    public ServerModel Server { get; init; } = new();

    /// <summary>How many servers there are. At least 1.</summary>
    public int Servers { get; init; } = 1;

    /// <summary>How many instances the processes see. Null, the default, for one for each server; more of them are names of the same servers in turn.</summary>
    public int? Instances { get; init; }

    /// <summary>The method of the requests. Default GET.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>What happens meanwhile.</summary>
    public OptionsList<Trigger> Triggers { get; init; } = [];
}

/// <summary>A server: workers with one queue before them, first come, first served. It goes on working on a request whose caller has gone.</summary>
internal sealed record ServerModel
{
    /// <summary>Requests that it works on at a time; null for as many as come.</summary>
    public int? Workers { get; init; }

    /// <summary>How long the work on one takes.</summary>
    public ServiceTime Time { get; init; } = new ExponentialTime(TimeSpan.FromMilliseconds(10));

    /// <summary>Requests that may wait; more are answered with 503. Null for no limit.</summary>
    public int? Queue { get; init; }

    /// <summary>Whether work is dropped whose caller has said that it waits no longer. Default false.</summary>
    public bool DropsExpired { get; init; }

    /// <summary>How many requests it takes at a time, waiting ones included; others are answered with 503. Default no limit.</summary>
    public BulkheadOptions Limit { get; init; } = BulkheadOptions.Off;

    /// <summary>The share of requests that it answers with 503 after its work, 0 to 1. Default 0.</summary>
    public double Errors { get; init; }
}

/// <summary>Something that happens to the service for a while.</summary>
/// <param name="Kind">What.</param>
/// <param name="From">When it begins, from the start.</param>
/// <param name="To">When it is over.</param>
internal sealed record Trigger(TriggerKind Kind, TimeSpan From, TimeSpan To)
{
    /// <summary>For slowness and load: how many times. Default 1.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Which server; null, the default, for all. Load has none.</summary>
    public int? Server { get; init; }
}

/// <summary>What can happen.</summary>
internal enum TriggerKind
{
    /// <summary>Work takes longer, by a factor.</summary>
    Slow,

    /// <summary>More calls come, by a factor.</summary>
    Load,

    /// <summary>The server is gone: what it had breaks off, connections are refused.</summary>
    Refuse,

    /// <summary>The server answers everything with 503 at once.</summary>
    Fail,

    /// <summary>The server takes everything and answers nothing.</summary>
    Hang,
}
