using Weft.CircuitBreaker;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>The instances that can be called, from one change of anything about them to the next. Immutable, so that choosing looks at nothing else.</summary>
internal sealed class Candidates
{
    /// <summary>Of which state it was made.</summary>
    public required int Version { get; init; }

    /// <summary>When time changes something, a timestamp.</summary>
    public required long Until { get; init; }

    /// <summary>Those of the own zone; all where zones mean nothing.</summary>
    public required Slice Near { get; init; }

    /// <summary>The others.</summary>
    public required Slice Far { get; init; }

    /// <summary>Which share of the calls goes to those that are near, as far as they take it.</summary>
    public required double NearShare { get; init; }

    /// <summary>Those that are tried when no breaker lets a call pass; empty where breakers are always heeded.</summary>
    public required Slice LastResort { get; init; }

    /// <summary>Whether health is not heeded.</summary>
    public required bool IsPanic { get; init; }

    /// <summary>Whether there is no instance that a call could go to, whatever its breaker says.</summary>
    public required bool IsVacant { get; init; }

    /// <summary>Chooses one.</summary>
    /// <returns>Null when there is none but those to be skipped.</returns>
    public Instance? Choose(Balancer balancer, Jitter chance, in InstanceSet skip, ulong? key, long now)
    {
        if (Far.Instances.Length == 0)
            return balancer.Choose(Near, skip, key, now);
        // A key must come to the same zone each time.
        var isNear = NearShare >= 1 || (key is { } hash ? KeyHash.Share(hash) : chance.Next()) < NearShare;
        return balancer.Choose(isNear ? Near : Far, skip, key, now) ?? balancer.Choose(isNear ? Far : Near, skip, key, now);
    }
}
