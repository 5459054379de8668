using Microsoft.Extensions.Logging;
using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.ServiceRegistry;

/// <summary>A service that Weft calls: its instances, the transport that reaches them, and what guards its calls. Safe for use from many threads.</summary>
internal sealed class Service
{
    private readonly Instance[] _instances;
    private readonly CircuitBreakerScope _scope;
    private readonly bool _asksBreakers;
    private uint _next;

    /// <param name="name">The name under <c>services</c>.</param>
    /// <param name="options">What it is made from.</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="vars">For stubs.</param>
    /// <param name="time">The time provider.</param>
    /// <param name="chance">For waits; only used here.</param>
    /// <param name="log">Is told when breakers open and close.</param>
    /// <param name="before">The service of that name until now, whose connections and experience go on where they still fit; null for none.</param>
    /// <param name="transports">What answers in place of services; null for the network.</param>
    public Service(string name, ServiceOptions options, PolicyOptions policy, OptionsMap<string> vars, TimeProvider time, Random chance, ILogger log, Service? before = null, ITransportSource? transports = null)
    {
        (Name, Options, Policy) = (name, options, policy);
        bool stubbed = options.Stub.Count > 0;
        Transport = !stubbed && before is { IsStubbed: false } ? before.Transport
            : new HttpMessageInvoker(stubbed ? new StubHandler(name, options.Stub, vars, time) : transports?.Of(name) ?? ServiceTransport.Create());
        Guard = before?.Guard ?? new ServiceGuard(name, policy, time, log, new Random(chance.Next()));
        _instances = stubbed ? [Open(new Uri("http://stub.invalid"), "stub")] : [.. options.Endpoints.Select(e => new Uri(e.Url)).Select(a => Open(a, a.Authority))];
        _scope = policy.Breaker.Scope;
        _asksBreakers = policy.Breaker.Around == CircuitBreakerAround.Attempt;

        Instance Open(Uri address, string id) => before?._instances.FirstOrDefault(i => i.Id == id && i.BaseAddress == address)
            ?? new Instance(id, address, new Breaker(policy.Breaker, time, chance, new BreakerLog(log, name, id)))
            {
                Connections = !stubbed && transports is null && address.Scheme == Uri.UriSchemeHttp ? new(address, time) : null,
            };
    }

    /// <summary>The name under <c>services</c>.</summary>
    public string Name { get; }

    /// <summary>What it was made from.</summary>
    public ServiceOptions Options { get; }

    /// <summary>The policy that it was made with.</summary>
    public PolicyOptions Policy { get; }

    /// <summary>What all its calls share.</summary>
    public ServiceGuard Guard { get; }

    /// <summary>All instances in the order of the file.</summary>
    public IReadOnlyList<Instance> Instances => _instances;

    /// <summary>
    /// Sends requests to any instance. Never disposed: after a reload calls may still run on it, and what is idle closes by itself.
    /// </summary>
    public HttpMessageInvoker Transport { get; }

    private bool IsStubbed => Options.Stub.Count > 0;

    /// <summary>Puts its policy in force for what it took over from the service before it.</summary>
    public void Adopt()
    {
        Guard.Apply(Policy);
        foreach (var instance in _instances)
            instance.Breaker.Apply(Policy.Breaker);
    }

    /// <summary>
    /// Chooses the next instance in turn whose breaker lets an attempt pass, one that was not tried before another; it is added to <paramref name="tried"/>. Where more
    /// than half of at least two instances are open, breakers are not heeded: then it is likely that something else is wrong. One that an operator opened stays open.
    /// </summary>
    /// <returns>False when there is none.</returns>
    public bool TryChoose(ref InstanceSet tried, long now, out Choice choice, bool onlyUntried = false)
    {
        choice = default;
        if (_instances.Length == 0)
            return false;
        var start = _instances.Length == 1 ? 0 : (int)(Interlocked.Increment(ref _next) % (uint)_instances.Length);
        if (TryChoose(start, skipTried: true, ref tried, now, out choice))
            return true;
        if (!onlyUntried && !tried.IsEmpty && TryChoose(start, skipTried: false, ref tried, now, out choice))
            return true;
        if (onlyUntried || !IsPanic(now))
            return false;
        for (var i = 0; i < _instances.Length; i++)
        {
            var place = (start + i) % _instances.Length;
            if (_instances[place].Breaker.IsForcedOpen)
                continue;
            choice = new(_instances[place], null, default);
            tried.Add(place);
            return true;
        }
        return false;
    }

    /// <summary>Whether attempts are sent though no breaker would let them pass; only to show it.</summary>
    public bool IgnoresBreakers(long now) => !HasUntried(default, now) && IsPanic(now);

    /// <summary>Whether an instance could be tried that was not tried yet.</summary>
    public bool HasUntried(in InstanceSet tried, long now)
    {
        for (var i = 0; i < _instances.Length; i++)
        {
            if (!tried.Contains(i) && IsOpenTo(_instances[i], now))
                return true;
        }
        return false;
    }

    /// <summary>Whether any instance could be tried.</summary>
    public bool HasCandidate(long now) => HasUntried(default, now) || IsPanic(now);

    /// <summary>When to come again after nothing could be chosen.</summary>
    public TimeSpan RetryAfter(long now)
    {
        if (_scope == CircuitBreakerScope.Service)
            return Guard.Shared.RetryAfter(now);
        var soonest = TimeSpan.Zero;
        foreach (var instance in _instances)
        {
            var after = instance.Breaker.RetryAfter(now);
            if (soonest == TimeSpan.Zero || after < soonest)
                soonest = after;
        }
        return soonest;
    }

    private bool TryChoose(int start, bool skipTried, ref InstanceSet tried, long now, out Choice choice)
    {
        for (var i = 0; i < _instances.Length; i++)
        {
            var place = (start + i) % _instances.Length;
            if (skipTried && tried.Contains(place))
                continue;
            var breaker = BreakerOf(_instances[place]);
            var ticket = default(BreakerTicket);
            if (breaker is not null && !breaker.TryEnter(now, out ticket))
                continue;
            tried.Add(place);
            choice = new(_instances[place], breaker, ticket);
            return true;
        }
        choice = default;
        return false;
    }

    private bool IsPanic(long now)
    {
        if (_instances.Length < 2 || _scope == CircuitBreakerScope.Service)
            return false;
        // Who opened one by hand wants it to get nothing; it says nothing about the others.
        var (open, all) = (0, 0);
        foreach (var instance in _instances)
        {
            if (instance.Breaker.IsForcedOpen)
                continue;
            all++;
            open += IsOpenTo(instance, now) ? 0 : 1;
        }
        return all >= 2 && open * 2 > all;
    }

    private bool IsOpenTo(Instance instance, long now) => BreakerOf(instance) is not { } breaker || breaker.WouldEnter(now);

    private Breaker? BreakerOf(Instance instance) => !_asksBreakers ? null : _scope == CircuitBreakerScope.Service ? Guard.Shared : instance.Breaker;
}

/// <summary>An instance that may be tried.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Breaker">The breaker that let the attempt pass, which gets its outcome; null when none was asked.</param>
/// <param name="Ticket">What it gave out.</param>
internal readonly record struct Choice(Instance Instance, Breaker? Breaker, BreakerTicket Ticket);
