using Microsoft.Extensions.Logging;
using Weft.CircuitBreaker;
using Weft.Options;
using Weft.ServiceRegistry.Balancing;
using Weft.ServiceRegistry.Health;

namespace Weft.ServiceRegistry;

/// <summary>A service that Weft calls: its instances, the transport that reaches them, and what guards its calls. Safe for use from many threads.</summary>
internal sealed class Service
{
    private static readonly Uri s_stub = new("http://stub.invalid");

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly bool _hasConnections; // Of its own, for plaintext; what stands in for services has none.
    private readonly Lock _replacing = new();
    private readonly Random _chance;
    private readonly InstanceChooser _chooser;
    private readonly OutlierDetection? _outliers;

    /// <param name="name">The name under <c>services</c>.</param>
    /// <param name="options">What it is made from.</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="vars">For stubs and keys.</param>
    /// <param name="time">The time provider.</param>
    /// <param name="chance">For waits and choices; only used here.</param>
    /// <param name="log">Is told when breakers open and close, and who is in and out.</param>
    /// <param name="before">The service of that name until now, whose connections and experience go on where they still fit; null for none.</param>
    /// <param name="transports">What answers in place of services; null for the network.</param>
    public Service(string name, ServiceOptions options, PolicyOptions policy, OptionsMap<string> vars, TimeProvider time, Random chance, ILogger log, Service? before = null, ITransportSource? transports = null)
    {
        (Name, Options, Policy) = (name, options, policy);
        bool stubbed = options.Stub.Count > 0;
        Transport = !stubbed && before is { IsStubbed: false } ? before.Transport
            : new HttpMessageInvoker(stubbed ? new StubHandler(name, options.Stub, vars, time) : transports?.Of(name) ?? ServiceTransport.Create());
        Guard = before?.Guard ?? new ServiceGuard(name, policy, time, log, new Random(chance.Next()));
        Health = before?.Health ?? new ServiceHealth(name, log);
        (_time, _log, _hasConnections) = (time, log, !stubbed && transports is null);
        // Without a list of its own, somebody else says which there are, and goes on saying it.
        var list = stubbed ? List([new(s_stub)], before?._chooser.List, chance)
            : options.Endpoints.Count == 0 && before is { IsStubbed: false, Options.Endpoints.Count: 0 } ? before._chooser.List
            : List(options.Endpoints.Select(InstanceSpec.Of), before?._chooser.List, chance);
        _chance = new Random(chance.Next());
        _chooser = new InstanceChooser(list, options, policy.Breaker, Guard.Shared, Health, time, chance);
        _outliers = options.Health.Outlier is { } outlier ? new OutlierDetection(outlier, Health, time) : null;
        Key = options.Balance.ConsistentHash is { } key ? new BalanceKey(name, key, vars) : null;
        Health.Owner ??= _chooser;
    }

    /// <summary>The name under <c>services</c>.</summary>
    public string Name { get; }

    /// <summary>What it was made from.</summary>
    public ServiceOptions Options { get; }

    /// <summary>The policy that it was made with.</summary>
    public PolicyOptions Policy { get; }

    /// <summary>What all its calls share.</summary>
    public ServiceGuard Guard { get; }

    /// <summary>What its revisions share about the health of its instances.</summary>
    public ServiceHealth Health { get; }

    /// <summary>Reads from a request what it is to be balanced by; null when it is not balanced by requests.</summary>
    public BalanceKey? Key { get; }

    /// <summary>All instances in the order in which they were given, as they are now.</summary>
    public IReadOnlyList<Instance> Instances => _chooser.List.Instances;

    /// <summary>The same with what was said of each.</summary>
    public IReadOnlyList<Member> Members => _chooser.List.Members;

    /// <summary>
    /// Sends requests to any instance. Never disposed: after a reload calls may still run on it, and what is idle closes by itself.
    /// </summary>
    public HttpMessageInvoker Transport { get; }

    /// <summary>Whether it answers by itself.</summary>
    public bool IsStubbed => Options.Stub.Count > 0;

    /// <summary>Puts its policy and health checks in force for what it took over from the service before it.</summary>
    public void Adopt()
    {
        Guard.Apply(Policy);
        foreach (var instance in Instances)
        {
            instance.Breaker.Apply(Policy.Breaker);
            instance.Probes.Follow(Options.Health.Active);
            if (_outliers is null)
                instance.Ejection.Forget();
        }
        Health.Owner = _chooser;
        Health.Changed();
    }

    /// <summary>
    /// Takes another list of instances. One whose address stays keeps its breaker, counters, connections and health; one that is not named gets no new calls. Calls
    /// under way finish where they are, and go on with the new list when they are repeated.
    /// </summary>
    /// <param name="specs">The instances; of several at one address the first counts.</param>
    public void Replace(IEnumerable<InstanceSpec> specs)
    {
        lock (_replacing)
        {
            var before = _chooser.List.Instances;
            _chooser.List = List(specs, _chooser.List, _chance);
            foreach (var gone in before.Except(_chooser.List.Instances))
                gone.Leave();
        }
    }

    /// <inheritdoc cref="InstanceChooser.TryChoose(ref InstanceSet, long, out Choice, bool, ulong?)"/>
    public bool TryChoose(ref InstanceSet tried, long now, out Choice choice, bool onlyUntried = false, ulong? key = null) =>
        _chooser.TryChoose(ref tried, now, out choice, onlyUntried, key);

    /// <summary>Learns how an attempt ended.</summary>
    /// <param name="instance">The instance that was called.</param>
    /// <param name="verdict">What the outcome says about it.</param>
    /// <param name="startedAt">When the attempt began.</param>
    /// <param name="now">When it ended.</param>
    public void Learn(Instance instance, Verdict verdict, long startedAt, long now)
    {
        if (verdict == Verdict.Ignore)
            return;
        _outliers?.Judge(_chooser.List.Members, instance, verdict, startedAt, now);
        if (Options.Balance.Algorithm == BalanceAlgorithm.Latency)
            instance.Latency.Record(now - startedAt, verdict == Verdict.Failure, now);
    }

    /// <summary>What can be called now.</summary>
    public Candidates At(long now) => _chooser.At(now);

    /// <summary>Whether attempts are sent though no breaker would let them pass; only to show it.</summary>
    public bool IgnoresBreakers(long now) => !HasUntried(default, now) && At(now).LastResort.Instances.Length > 0;

    /// <summary>Whether an instance could be tried that was not tried yet.</summary>
    public bool HasUntried(in InstanceSet tried, long now) => _chooser.HasUntried(tried, now);

    /// <summary>Whether any instance could be tried.</summary>
    public bool HasCandidate(long now) => HasUntried(default, now) || At(now).LastResort.Instances.Length > 0;

    /// <summary>When to come again after nothing could be chosen.</summary>
    public TimeSpan RetryAfter(long now) => _chooser.RetryAfter(now);

    /// <summary>How an instance stands.</summary>
    public InstanceStatus StatusOf(Member member, long now) => _chooser.StatusOf(member, now);

    /// <summary>The weight that an instance has now.</summary>
    public double WeightOf(Member member, long now) => _chooser.WeightOf(member, now);

    private InstanceList List(IEnumerable<InstanceSpec> specs, InstanceList? known, Random chance)
    {
        // Those of a first list all begin together: none is to be spared for the sake of the others.
        var joins = known?.Instances.Length > 0;
        return new([.. specs.DistinctBy(s => s.Address).Select(s => new Member(known?.Find(s.Address) ?? Open(s.Address), s))]);

        Instance Open(Uri address)
        {
            var id = address == s_stub ? "stub" : address.Authority;
            var breaker = new Breaker(Policy.Breaker, _time, chance, new BreakerLog(_log, Name, id, changed: Health.Changed));
            return new Instance(id, address, breaker, _time)
            {
                WarmSince = joins ? _time.GetTimestamp() : Instance.AlwaysWarm,
                Connections = _hasConnections && address.Scheme == Uri.UriSchemeHttp ? new(address, _time) : null,
            };
        }
    }
}
