using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Weft.CircuitBreaker;
using Weft.Concurrency;
using Weft.Options;
using Weft.Retry;

namespace Weft.ServiceRegistry;

/// <summary>
/// What all calls of this process to a service share: its policy, and what the parts of that policy have seen so far. It outlives a reload; a changed policy takes
/// effect with the next call. Safe for use from many threads.
/// </summary>
internal sealed class ServiceGuard
{
    // Hedges that were saved would be spent all at once, when the service becomes slow for everybody: then they make it slower.
    private static readonly TimeSpan s_hedgeWindow = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Random _chance;
    private readonly ConcurrentDictionary<string, OperationTimes> _times = new(StringComparer.Ordinal);

    public ServiceGuard(string service, PolicyOptions policy, TimeProvider time, ILogger log, Random chance)
    {
        (_time, _chance, Policy) = (time, chance, policy);
        Bulkhead = new Bulkhead(policy.Bulkhead, time);
        Budget = new RetryBudget(policy.Retry.Budget, time);
        Shared = new Breaker(policy.Breaker, time, chance, new BreakerLog(log, service, null, () => SharesBreaker));
        Rules = new RetryRules(policy.Retry, _chance);
        SetHedge(policy);
    }

    /// <summary>The policy in force.</summary>
    public PolicyOptions Policy { get; private set; }

    /// <summary>Limits the calls at once.</summary>
    public Bulkhead Bulkhead { get; }

    /// <summary>Decides on repeats.</summary>
    public RetryRules Rules { get; private set; }

    /// <summary>Limits repeated attempts.</summary>
    public RetryBudget Budget { get; }

    /// <summary>Counts repeats, made and not made.</summary>
    public RepeatCounts Repeats { get; } = new();

    /// <summary>Limits hedged attempts; null where the policy does not hedge.</summary>
    public RetryBudget? HedgeBudget { get; private set; }

    /// <summary>The breaker of the whole service; used only where the policy says so.</summary>
    public Breaker Shared { get; }

    /// <summary>The breaker around a call with its repeats; null where there is none.</summary>
    public Breaker? Around => Policy.Breaker.Around == CircuitBreakerAround.Retry ? Shared : null;

    /// <summary>Whether <see cref="Shared"/> guards the service, in place of a breaker for each instance.</summary>
    public bool SharesBreaker => Policy.Breaker is { Scope: CircuitBreakerScope.Service } or { Around: CircuitBreakerAround.Retry };

    /// <summary>How long attempts take, by operation.</summary>
    public IEnumerable<KeyValuePair<string, OperationTimes>> Times => _times;

    /// <summary>How long the attempts of an operation take.</summary>
    /// <param name="operation">A name from the file, so that there are few.</param>
    public OperationTimes TimesOf(string operation) =>
        _times.TryGetValue(operation, out var times) ? times : _times.GetOrAdd(operation, static (_, guard) => new OperationTimes(guard.Policy, guard._time), this);

    /// <summary>Puts another policy in force; what was learned stays.</summary>
    public void Apply(PolicyOptions policy)
    {
        if (policy == Policy)
            return;
        Policy = policy;
        Rules = new RetryRules(policy.Retry, _chance);
        Bulkhead.Apply(policy.Bulkhead);
        Budget.Apply(policy.Retry.Budget, _time.GetTimestamp());
        Shared.Apply(policy.Breaker);
        SetHedge(policy);
        foreach (var (_, times) in _times)
            times.Apply(policy);
    }

    private void SetHedge(PolicyOptions policy)
    {
        var budget = policy.Hedge is { } hedge ? policy.Retry.Budget with { Ratio = hedge.Budget, Window = s_hedgeWindow } : null;
        if (budget is null)
            HedgeBudget = null;
        else if (HedgeBudget is { } known)
            known.Apply(budget, _time.GetTimestamp());
        else
            HedgeBudget = new RetryBudget(budget, _time);
    }
}
