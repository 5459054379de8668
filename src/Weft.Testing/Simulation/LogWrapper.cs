using Weft.Flows;
using Weft.Messages;

namespace Weft.Testing;

/// <summary>A log that passes everything on; what derives from it changes some of it. Behind it can stand any log.</summary>
internal class LogWrapper(IMessageLog inner) : IMessageLog
{
    public IMessageLog Inner => inner;

    public virtual LogCapabilities Capabilities => inner.Capabilities;

    public virtual async ValueTask<ILogTopic> OpenTopicAsync(string name, CancellationToken cancellation) =>
        Wrap(await inner.OpenTopicAsync(name, cancellation).ConfigureAwait(false));

    public virtual LogTransaction Begin() => new TransactionWrapper(this, inner.Begin());

    public virtual ValueTask<IReadOnlyList<SubscriptionInfo>> ListSubscriptionsAsync(CancellationToken cancellation) => inner.ListSubscriptionsAsync(cancellation);

    public virtual ValueTask<bool> RemoveSubscriptionAsync(string name, CancellationToken cancellation) => inner.RemoveSubscriptionAsync(name, cancellation);

    public virtual ValueTask<bool> SeekAsync(string name, SubscriptionStart start, CancellationToken cancellation) => inner.SeekAsync(name, start, cancellation);

    public virtual ValueTask<IReadOnlyList<ParkedMessage>> ReadParkedAsync(string subscription, ParkedQuery query, CancellationToken cancellation) =>
        inner.ReadParkedAsync(subscription, query, cancellation);

    public virtual ValueTask<IReadOnlyList<ScheduledMessage>> ReadScheduledAsync(ScheduledQuery query, CancellationToken cancellation) =>
        inner.ReadScheduledAsync(query, cancellation);

    public virtual ValueTask<bool> UnscheduleAsync(string token, CancellationToken cancellation) => inner.UnscheduleAsync(token, cancellation);

    public virtual ValueTask<bool> HasPassedAsync(string subscription, long position, CancellationToken cancellation) =>
        inner.HasPassedAsync(subscription, position, cancellation);

    public virtual ValueTask<ReadOnlyMemory<byte>> ReadCheckpointAsync(string name, CancellationToken cancellation) => inner.ReadCheckpointAsync(name, cancellation);

    public virtual ValueTask<long> PurgeDeadAsync(string subscription, DateTimeOffset before, CancellationToken cancellation) =>
        inner.PurgeDeadAsync(subscription, before, cancellation);

    public virtual ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>Wraps a topic.</summary>
    protected virtual ILogTopic Wrap(ILogTopic topic) => new TopicWrapper(this, topic);
}

/// <summary>A topic of a <see cref="LogWrapper"/>.</summary>
internal class TopicWrapper(LogWrapper log, ILogTopic inner) : ILogTopic
{
    public LogWrapper Log => log;

    public ILogTopic Inner => inner;

    public string Name => inner.Name;

    public virtual long Head => inner.Head;

    public virtual ValueTask<long> AppendAsync(Message message, ReadOnlyMemory<byte> key, CancellationToken cancellation, Once once = default) =>
        inner.AppendAsync(message, key, cancellation, once);

    public virtual ValueTask<int> ReadAsync(long after, Memory<LogEntry> into, CancellationToken cancellation) => inner.ReadAsync(after, into, cancellation);

    public virtual ValueTask WaitAsync(long after, CancellationToken cancellation) => inner.WaitAsync(after, cancellation);

    public virtual async ValueTask<ILogSubscription> OpenSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation) =>
        Wrap(await inner.OpenSubscriptionAsync(name, start, cancellation).ConfigureAwait(false));

    public virtual ValueTask<long> TrimAsync(DateTimeOffset before, IReadOnlySet<string> orphans, CancellationToken cancellation) =>
        inner.TrimAsync(before, orphans, cancellation);

    /// <summary>Wraps a subscription.</summary>
    protected virtual ILogSubscription Wrap(ILogSubscription subscription) => new SubscriptionWrapper(this, subscription);
}

/// <summary>A subscription of a <see cref="TopicWrapper"/>.</summary>
internal class SubscriptionWrapper(TopicWrapper topic, ILogSubscription inner) : ILogSubscription
{
    public ILogSubscription Inner => inner;

    public string Name => inner.Name;

    public ILogTopic Topic => topic;

    public virtual Cursor Opened => inner.Opened;

    public virtual IReadOnlyList<ParkedKey> ParkedKeys => inner.ParkedKeys;

    public virtual long UnderWay => inner.UnderWay;

    public CancellationToken Leaving => inner.Leaving;

    public CancellationToken Lost => inner.Lost;

    public virtual ValueTask DisposeAsync() => inner.DisposeAsync();
}

/// <summary>A transaction of a <see cref="LogWrapper"/>. What is not of that log is passed on as it is, and refused by the log behind it.</summary>
internal class TransactionWrapper(LogWrapper log, LogTransaction inner) : LogTransaction
{
    public override object Store => log;

    public override void Append(ILogTopic topic, Message message, ReadOnlyMemory<byte> key, Once once = default) => inner.Append(Own(topic), message, key, once);

    public override void Schedule(ILogTopic topic, ScheduledMessage message) => inner.Schedule(Own(topic), message);

    public override void Release(ILogTopic topic, string token) => inner.Release(Own(topic), token);

    public override void Checkpoint(string name, ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> expected) => inner.Checkpoint(name, value, expected);

    public override void Settle(ILogSubscription subscription, long position) => inner.Settle(Own(subscription), position);

    public override void Park(ILogSubscription subscription, ParkedMessage message) => inner.Park(Own(subscription), message);

    public override void Unpark(ILogSubscription subscription, long position) => inner.Unpark(Own(subscription), position);

    public override void Mark(ILogSubscription subscription, long upTo) => inner.Mark(Own(subscription), upTo);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    protected override ValueTask CommitCoreAsync(CancellationToken cancellation)
    {
        inner.Relaxed = Relaxed;
        return inner.CommitAsync(cancellation);
    }

    /// <summary>The topic behind a topic of the same log.</summary>
    protected ILogTopic Own(ILogTopic topic) => topic is TopicWrapper own && own.Log == log ? own.Inner : topic;

    /// <summary>The subscription behind a subscription of the same log.</summary>
    protected ILogSubscription Own(ILogSubscription subscription) => subscription is SubscriptionWrapper own && ((TopicWrapper)own.Topic).Log == log ? own.Inner : subscription;
}
