using Weft.Expressions;

namespace Weft.Options;

/// <summary>A service that Weft calls: where its instances are, or what to answer in its place. Exactly one of the two is set.</summary>
public sealed record ServiceOptions
{
    /// <summary>The fixed instances.</summary>
    public OptionsList<EndpointOptions> Endpoints { get; init; } = [];

    /// <summary>Answers given in place of a service, by <c>METHOD /path</c>; for samples, tests and work without a network.</summary>
    public OptionsMap<StubOptions> Stub { get; init; } = [];

    /// <summary>How an instance is chosen.</summary>
    public BalanceOptions Balance { get; init; } = new();

    /// <summary>How it is found that an instance cannot be called.</summary>
    public HealthOptions Health { get; init; } = new();

    /// <summary>What protects the calls to it: a name under <c>policies</c>, <c>standard</c> or <c>none</c>; null for <c>standard</c>.</summary>
    public string? Policy { get; init; }

    /// <summary>False takes it out as if it were not written. Default true.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>An instance of a service.</summary>
public sealed record EndpointOptions
{
    /// <summary>The base address, <c>http://</c> or <c>https://</c>; its path is put before the path of every call.</summary>
    public required string Url { get; init; }

    /// <summary>Its share of the calls, beside the weights of the others. 1 to 10000, default 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Where it is, such as a data centre: see <see cref="BalanceOptions.Zone"/>. Null, the default, when nobody says.</summary>
    public string? Zone { get; init; }
}

/// <summary>The answer that stands in for a service.</summary>
public sealed record StubOptions
{
    /// <summary>100 to 599, default 200.</summary>
    public int Status { get; init; } = 200;

    /// <summary>Headers of the answer.</summary>
    public OptionsMap<string> Headers { get; init; } = [];

    /// <summary>
    /// The body: an expression, or a map or list of them, over the request (<c>request path query headers body vars</c>); null for none. A text is
    /// sent as text, everything else as JSON, in which numbers stay as they are written.
    /// </summary>
    public CelTree? Body { get; init; }

    /// <summary>The wait before the answer. 0 s to 10 min, default 0 s.</summary>
    public TimeSpan Delay { get; init; }
}
