using Weft.Diagnostics;
using Weft.Flows;
using Weft.Testing;

namespace Weft.Tests.Testing;

/// <summary>What a broken log keeps over being opened again.</summary>
internal sealed class BrokenState
{
    public HashSet<string> OpenNames { get; } = [];
    public Dictionary<string, ScheduledMessage> Scheduled { get; } = [];
    public HashSet<(string, long)> Parked { get; } = [];
    public HashSet<(string, long)> Settled { get; } = [];
    public List<(string Name, ILogSubscription Subscription)> Open { get; } = [];
    public int Topics { get; set; }
    public int UnderWay { get; set; }
    public bool Trimmed { get; set; }
    public bool Disposed { get; set; }
}

/// <summary>A log with one flaw.</summary>
internal sealed class BrokenLog(IMessageLog inner, Flaw flaw, BrokenState state) : LogWrapper(inner)
{
    public Flaw Flaw => flaw;

    public BrokenState State => state;

    public override ValueTask<ILogTopic> OpenTopicAsync(string name, CancellationToken cancellation) => base.OpenTopicAsync(flaw switch
    {
        Flaw.MixesTopics => "all",
        Flaw.IgnoresCase => name.ToUpperInvariant(),
        Flaw.NewTopicEachTime => $"{name} {++state.Topics}",
        _ => name,
    }, cancellation);

    public override LogTransaction Begin() => new BrokenTransaction(this, Inner.Begin());

    public override async ValueTask<IReadOnlyList<SubscriptionInfo>> ListSubscriptionsAsync(CancellationToken cancellation) =>
        flaw == Flaw.ListsNothing ? [] : await Inner.ListSubscriptionsAsync(cancellation);

    public override ValueTask<bool> RemoveSubscriptionAsync(string name, CancellationToken cancellation) =>
        flaw == Flaw.RemovesNothing ? new(true) : base.RemoveSubscriptionAsync(name, cancellation);

    public override ValueTask<bool> SeekAsync(string name, SubscriptionStart start, CancellationToken cancellation) =>
        flaw == Flaw.SeeksNothing ? new(true) : base.SeekAsync(name, start, cancellation);

    public override async ValueTask<IReadOnlyList<ParkedMessage>> ReadParkedAsync(string subscription, ParkedQuery query, CancellationToken cancellation)
    {
        if (flaw == Flaw.TrimTakesParked && state.Trimmed)
            return [];
        if (flaw == Flaw.IgnoresParkedKey)
            query = query with { Key = null };
        var rows = (await Inner.ReadParkedAsync(subscription, query, cancellation)).ToList();
        if (flaw == Flaw.SharesParked)
        {
            foreach (var other in (await Inner.ListSubscriptionsAsync(cancellation)).Where(s => s.Name != subscription))
                rows.AddRange(await Inner.ReadParkedAsync(other.Name, query, cancellation));
        }
        if (flaw == Flaw.TurnsParkedRound)
            rows.Reverse();
        return rows;
    }

    public override ValueTask<bool> HasPassedAsync(string subscription, long position, CancellationToken cancellation) =>
        flaw == Flaw.SaysPassed ? new(true) : base.HasPassedAsync(subscription, position, cancellation);

    public override ValueTask<long> PurgeDeadAsync(string subscription, DateTimeOffset before, CancellationToken cancellation) =>
        base.PurgeDeadAsync(subscription, flaw == Flaw.PurgesAll ? DateTimeOffset.MaxValue : before, cancellation);

    public override ValueTask DisposeAsync()
    {
        if (flaw == Flaw.WorksAfterDispose)
            return default;
        if (flaw == Flaw.DisposesOnce && state.Disposed)
            throw new LogException(new EventCode(3010), "It is disposed.");
        state.Disposed = true;
        return base.DisposeAsync();
    }

    protected override ILogTopic Wrap(ILogTopic topic) => new BrokenTopic(this, topic);
}
