using Weft.Options;
using Weft.ServiceRegistry.Health;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>Finds out which instances can be called: the one place where draining, health checks, ejections, breakers, panic, zones and slow start meet.</summary>
/// <param name="options">The options of the service.</param>
/// <param name="heedsBreakers">Whether each instance has a breaker that is asked.</param>
/// <param name="time">Whose timestamps are used.</param>
internal sealed class CandidatesBuilder(ServiceOptions options, bool heedsBreakers, TimeProvider time)
{
    // While at least this share of the own zone can be called, it gets everything: as Envoy, which plans for 1.4 times what is needed.
    private const double Enough = 1 / 1.4;
    private const double LeastShare = 0.1;
    private const int SlowStartSteps = 20;

    private readonly BalanceOptions _balance = options.Balance;
    private readonly long _slowStart = (long)(options.Balance.SlowStart.TotalSeconds * time.TimestampFrequency);

    /// <summary>Makes it of the instances as they are now.</summary>
    /// <param name="members">The instances.</param>
    /// <param name="health">Is told who has come back, and whether there is panic.</param>
    /// <param name="tells">Whether it is told of panic.</param>
    /// <param name="now">The present.</param>
    public Candidates Build(Member[] members, ServiceHealth health, bool tells, long now)
    {
        var version = health.Version;
        var until = long.MaxValue;
        Member[] staying = [.. members.Where(m => !m.Spec.IsDraining)];
        // Who opened a breaker by hand wants its instance to get nothing; it says nothing about the others.
        Member[] all = [.. staying.Where(m => !(heedsBreakers && m.Instance.Breaker.IsForcedOpen))];
        List<Member> healthy = [], passing = [], both = [];
        foreach (var member in all)
        {
            var (isHealthy, passes) = (IsHealthy(member.Instance, health, now, ref until), Passes(member.Instance, now, ref until));
            if (isHealthy)
                healthy.Add(member);
            if (passes)
                passing.Add(member);
            if (isHealthy && passes)
                both.Add(member);
        }
        // The breaker of the only one is heeded: there are no others that could show that something else is wrong.
        var available = all.Length == 1 ? healthy.Count : both.Count;
        var isPanic = available < all.Length * _balance.PanicBelow;
        if (tells)
            health.Panics(isPanic, available, all.Length);
        var (near, far, share) = Split(all, [.. isPanic ? passing : both], isPanic);
        return new Candidates
        {
            Version = version,
            Near = Slice(near, now, ref until),
            Far = Slice(far, now, ref until),
            NearShare = share,
            LastResort = heedsBreakers && all.Length >= 2 && _balance.PanicBelow > 0 ? Slice(all, now, ref until) : Balancing.Slice.None,
            IsPanic = isPanic,
            IsVacant = staying.Length == 0 || (!isPanic && all.Length > 0 && healthy.Count == 0),
            Until = until,
        };
    }

    /// <summary>Whether health checks and ejections let an instance be called.</summary>
    public bool IsHealthy(Instance instance, long now) =>
        !(options.Health.Active is not null && instance.Probes.IsDown) && !(options.Health.Outlier is not null && instance.Ejection.IsOut(now));

    /// <summary>How an instance stands.</summary>
    public InstanceStatus StatusOf(Member member, long now)
    {
        var (instance, spec) = member;
        if (spec.IsDraining)
            return new(InstanceState.Draining, "it leaves");
        if (options.Health.Active is not null && instance.Probes.IsDown)
            return new(InstanceState.FailingProbes, instance.Probes.Why ?? "it has answered well again, but not often enough yet");
        if (options.Health.Outlier is not null && instance.Ejection.IsOut(now))
            return new(InstanceState.Ejected, $"its calls failed; time {instance.Ejection.Count} of late", time.GetElapsedTime(now, instance.Ejection.Until));
        if (heedsBreakers && instance.Breaker.IsShut(now, out _))
            return instance.Breaker.IsForcedOpen ? new(InstanceState.Open, "its breaker is forced open") : new(InstanceState.Open, "its breaker is open", instance.Breaker.RetryAfter(now));
        return Warmth(instance, now) == 1 ? new(InstanceState.Ready) : new(InstanceState.Warming, "it came back or joined", time.GetElapsedTime(now, instance.WarmSince + _slowStart));
    }

    /// <summary>The weight that an instance has now.</summary>
    public double WeightOf(Member member, long now) => member.Spec.Weight * Warmth(member.Instance, now);

    private bool IsHealthy(Instance instance, ServiceHealth health, long now, ref long until)
    {
        if (options.Health.Outlier is not null)
        {
            if (instance.Ejection.TryReturn(now))
            {
                instance.WarmSince = instance.Ejection.Until;
                health.Returned(instance);
            }
            else if (instance.Ejection.IsOut(now))
            {
                until = Math.Min(until, instance.Ejection.Until);
            }
        }
        return IsHealthy(instance, now);
    }

    private bool Passes(Instance instance, long now, ref long until)
    {
        if (!heedsBreakers || !instance.Breaker.IsShut(now, out var shutUntil))
            return true;
        // A breaker may also open its way without telling, by other options: that is found within a second.
        until = Math.Min(until, Math.Min(shutUntil, now + time.TimestampFrequency));
        return false;
    }

    /// <summary>Those of the own zone, the others, and which share of the calls the first get.</summary>
    /// <param name="all">All that would be called if they could.</param>
    /// <param name="chosen">Those that can be called.</param>
    /// <param name="isPanic">Whether it is no time to be choosy.</param>
    private (Member[] Near, Member[] Far, double Share) Split(Member[] all, Member[] chosen, bool isPanic)
    {
        if (isPanic || _balance.Zone is not { } zone)
            return (chosen, [], 1);
        Member[] near = [.. chosen.Where(m => m.Spec.Zone == zone)];
        if (near.Length == 0 || near.Length == chosen.Length)
            return (chosen, [], 1);
        var share = near.Sum(m => m.Spec.Weight) / all.Where(m => m.Spec.Zone == zone).Sum(m => m.Spec.Weight);
        return (near, [.. chosen.Where(m => m.Spec.Zone != zone)], Math.Min(1, share / Enough));
    }

    private Slice Slice(Member[] members, long now, ref long until)
    {
        if (members.Length == 0)
            return Balancing.Slice.None;
        if (_slowStart > 0 && Array.Exists(members, m => Warmth(m.Instance, now) < 1))
            until = Math.Min(until, now + Math.Max(1, _slowStart / SlowStartSteps));
        return new([.. members.Select(m => m.Instance)], [.. members.Select(m => WeightOf(m, now))]);
    }

    private double Warmth(Instance instance, long now)
    {
        if (_slowStart == 0 || instance.WarmSince == Instance.AlwaysWarm || now - instance.WarmSince >= _slowStart)
            return 1;
        return Math.Max(LeastShare, (double)(now - instance.WarmSince) / _slowStart);
    }
}
