using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Polly;
using Weft.Options;
using Weft.Options.Schema;
using Weft.ServiceRegistry;

namespace Weft.Calls;

/// <summary>
/// Policies by name, with what they have learned: everybody who asks for a name shares its breakers, budgets and limits. <c>standard</c> and <c>none</c> are built in.
/// Made by <c>AddWeftResilience</c>. Safe for use from many threads.
/// </summary>
public sealed class WeftPolicies : IDisposable
{
    private readonly OptionsMap<PolicyOptions> _policies;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Random _chance = new();
    private readonly ServiceMetrics _metrics;
    private readonly ConcurrentDictionary<string, AuthorityServices> _http = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ResiliencePipeline> _pipelines = new(StringComparer.Ordinal);

    /// <summary>Policies by name.</summary>
    /// <param name="policies">The policies; one called <c>standard</c> takes the place of the built-in one.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <param name="log">Is told when breakers open and close; null for nobody.</param>
    /// <exception cref="WeftConfigurationException">A policy makes no sense; the text says which value, what is allowed and what to do.</exception>
    public WeftPolicies(OptionsMap<PolicyOptions> policies, TimeProvider? time = null, ILogger<WeftPolicies>? log = null)
    {
        ArgumentNullException.ThrowIfNull(policies);
        Check(new WeftOptions { Policies = policies });
        (_policies, _time, _log) = (policies, time ?? TimeProvider.System, (ILogger?)log ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        _metrics = new ServiceMetrics(() => _http.Values.SelectMany(services => services.All), _time);
    }

    /// <summary>The policy of a name.</summary>
    /// <param name="name">The name; null for <c>standard</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no such policy; the text lists those that are defined.</exception>
    public PolicyOptions Get(string? name = null) => new WeftOptions { Policies = _policies }.PolicyOf(name);

    /// <summary>
    /// A handler for an <see cref="HttpClient"/>: <c>services.AddHttpClient("orders").AddHttpMessageHandler(s => s.GetRequiredService&lt;WeftPolicies&gt;().Handler("fragile"))</c>.
    /// Each call makes a new one, as the factory of clients needs it; they share what is known.
    /// </summary>
    /// <param name="name">The name of the policy; null for <c>standard</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no such policy.</exception>
    public WeftPolicyHandler Handler(string? name = null) =>
        new(_http.GetOrAdd(name ?? PolicyOptions.StandardName, static (key, policies) => new(policies.Get(key), policies._time, policies._log, new Random(policies.Seed())), this));

    /// <summary>A pipeline of Polly for anything else that is called. There is one for each name.</summary>
    /// <param name="name">The name of the policy; null for <c>standard</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no such policy.</exception>
    /// <exception cref="WeftConfigurationException">The policy has a hedge or a fallback.</exception>
    public ResiliencePipeline Pipeline(string? name = null) => _pipelines.GetOrAdd(name ?? PolicyOptions.StandardName, static (key, policies) =>
        new ResiliencePipelineBuilder { Name = key, TimeProvider = policies._time }.AddWeftPolicy(policies.Get(key)).Build(), this);

    /// <summary>Ends the metrics; handlers and pipelines that were given out go on.</summary>
    public void Dispose() => _metrics.Dispose();

    /// <summary>A policy without faults.</summary>
    /// <exception cref="WeftConfigurationException">It has some.</exception>
    internal static PolicyOptions Checked(PolicyOptions policy)
    {
        Check(new WeftOptions { Policies = [new("policy", policy)] });
        return policy;
    }

    private static void Check(WeftOptions options)
    {
        var checking = new Checking(options);
        WeftSchema.Root.Check(options, OptionsPath.Root, checking);
        var wrong = checking.Problems.Where(p => OptionsPath.IsAtOrBelow(p.Path, "policies")).ToArray();
        if (wrong.Length > 0)
            throw new WeftConfigurationException(string.Join(Environment.NewLine, wrong.Select(p => p.ToString())));
    }

    private int Seed()
    {
        lock (_chance)
            return _chance.Next();
    }
}
