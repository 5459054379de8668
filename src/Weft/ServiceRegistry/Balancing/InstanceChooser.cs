using Weft.CircuitBreaker;
using Weft.Options;
using Weft.ServiceRegistry.Health;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>
/// Chooses the instance of each attempt: of those that can be called, in the way that the options name, one that was not tried before another. What can be called is
/// found once for each change of it, so a choice looks at few things and allocates nothing. Safe for use from many threads.
/// </summary>
internal sealed class InstanceChooser
{
    // As often a breaker may refuse the one that was chosen, because enough calls try it already, before all are asked in turn.
    private const int Refusals = 3;

    private readonly CandidatesBuilder _builder;
    private readonly Balancer _balancer;
    private readonly ServiceHealth _health;
    private readonly Jitter _chance;
    private readonly Breaker? _shared;
    private readonly bool _asksBreakers;
    private readonly Lock _building = new();
    private volatile InstanceList _list;
    private volatile Candidates _candidates;

    /// <param name="list">The instances.</param>
    /// <param name="options">The options of the service.</param>
    /// <param name="breaker">When breakers are asked, and which.</param>
    /// <param name="shared">The breaker of the service, for where it has one in place of one for each instance.</param>
    /// <param name="health">What the revisions of the service share.</param>
    /// <param name="time">The time provider.</param>
    /// <param name="chance">For what is chosen at random; only used here.</param>
    public InstanceChooser(InstanceList list, ServiceOptions options, CircuitBreakerOptions breaker, Breaker shared, ServiceHealth health, TimeProvider time, Random chance)
    {
        (_list, _health, _chance) = (list, health, new Jitter(chance));
        _asksBreakers = breaker.Around == CircuitBreakerAround.Attempt;
        _shared = breaker.Scope == CircuitBreakerScope.Service ? shared : null;
        _builder = new CandidatesBuilder(options, _asksBreakers && _shared is null, time);
        _balancer = Balancer.Of(options.Balance, _chance);
        _candidates = _builder.Build(list.Members, health, tells: false, time.GetTimestamp());
    }

    /// <summary>The instances. Another list holds from the next choice.</summary>
    public InstanceList List
    {
        get => _list;
        set
        {
            _list = value;
            _health.Changed();
        }
    }

    /// <summary>What can be called now.</summary>
    public Candidates At(long now)
    {
        var candidates = _candidates;
        return candidates.Version == _health.Version && now < candidates.Until ? candidates : Build(now);
    }

    /// <summary>
    /// Chooses an instance whose breaker lets an attempt pass; it is added to <paramref name="tried"/>. Where none of several lets one pass, breakers are not heeded:
    /// then it is likely that something else is wrong. One that an operator opened stays open.
    /// </summary>
    /// <param name="tried">Those that were tried; one of them comes only when there is no other.</param>
    /// <param name="now">The present.</param>
    /// <param name="choice">The instance.</param>
    /// <param name="onlyUntried">Whether one that was tried is none.</param>
    /// <param name="key">What the request is to be balanced by, hashed; null for nothing.</param>
    /// <returns>False when there is none.</returns>
    public bool TryChoose(ref InstanceSet tried, long now, out Choice choice, bool onlyUntried, ulong? key)
    {
        var candidates = At(now);
        if (TryChoose(candidates, tried, ref tried, now, key, out choice))
            return true;
        if (onlyUntried)
            return false;
        if (!tried.IsEmpty && TryChoose(candidates, default, ref tried, now, key, out choice))
            return true;
        // As it is now: the breakers may have changed with having been asked.
        var last = At(now).LastResort;
        if ((_balancer.Choose(last, tried, key, now) ?? _balancer.Choose(last, default, key, now)) is not { } instance)
            return false;
        tried.Add(instance);
        choice = new(instance, null, default);
        return true;
    }

    /// <summary>Whether an instance could be tried that was not tried yet.</summary>
    public bool HasUntried(in InstanceSet tried, long now)
    {
        var isPanic = At(now).IsPanic;
        foreach (var member in _list.Members)
        {
            if (IsCalled(member, isPanic, now) && !tried.Contains(member.Instance) && BreakerOf(member.Instance)?.WouldEnter(now) != false)
                return true;
        }
        return false;
    }

    /// <summary>When to come again after nothing could be chosen.</summary>
    public TimeSpan RetryAfter(long now)
    {
        if (_shared is not null)
            return _shared.RetryAfter(now);
        var soonest = TimeSpan.Zero;
        foreach (var (instance, spec) in _list.Members)
        {
            if (spec.IsDraining)
                continue;
            var after = instance.Breaker.RetryAfter(now);
            if (soonest == TimeSpan.Zero || after < soonest)
                soonest = after;
        }
        return soonest;
    }

    /// <summary>How an instance stands.</summary>
    public InstanceStatus StatusOf(Member member, long now) => _builder.StatusOf(member, now);

    /// <summary>The weight that an instance has now.</summary>
    public double WeightOf(Member member, long now) => _builder.WeightOf(member, now);

    private bool TryChoose(Candidates candidates, InstanceSet skip, ref InstanceSet tried, long now, ulong? key, out Choice choice)
    {
        var first = skip;
        for (var i = 0; i < Refusals && candidates.Choose(_balancer, _chance, skip, key, now) is { } chosen; i++)
        {
            if (TryEnter(chosen, ref tried, now, out choice))
                return true;
            if (_shared is not null)
                return false;
            skip.Add(chosen);
        }
        // Those that are left out are asked too: what has changed in their breakers may not have been told.
        foreach (var member in _list.Members)
        {
            if (IsCalled(member, candidates.IsPanic, now) && !first.Contains(member.Instance) && TryEnter(member.Instance, ref tried, now, out choice))
                return true;
        }
        choice = default;
        return false;
    }

    private bool TryEnter(Instance instance, ref InstanceSet tried, long now, out Choice choice)
    {
        var breaker = BreakerOf(instance);
        var ticket = default(BreakerTicket);
        choice = default;
        if (breaker is not null && !breaker.TryEnter(now, out ticket))
            return false;
        tried.Add(instance);
        choice = new(instance, breaker, ticket);
        return true;
    }

    private bool IsCalled(Member member, bool isPanic, long now) => !member.Spec.IsDraining && (isPanic || _builder.IsHealthy(member.Instance, now));

    private Breaker? BreakerOf(Instance instance) => !_asksBreakers ? null : _shared ?? instance.Breaker;

    private Candidates Build(long now)
    {
        lock (_building)
        {
            var candidates = _candidates;
            if (candidates.Version == _health.Version && now < candidates.Until)
                return candidates;
            return _candidates = _builder.Build(_list.Members, _health, tells: _health.Owner == this, now);
        }
    }
}

/// <summary>An instance that may be tried.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Breaker">The breaker that let the attempt pass, which gets its outcome; null when none was asked.</param>
/// <param name="Ticket">What it gave out.</param>
internal readonly record struct Choice(Instance Instance, Breaker? Breaker, BreakerTicket Ticket);
