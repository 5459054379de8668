using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;
using Weft.Testing;

namespace Weft.FlowSimulation;

/// <summary>A log at whose seams chance decides: delays, errors, unknown ends, and the death of the process.</summary>
internal sealed class FaultyLog(IMessageLog inner, SimulatedProcess process, World world, Sabotage sabotage) : LogWrapper(inner)
{
    public SimulatedProcess Process => process;

    public Sabotage Sabotage => sabotage;

    public override LogTransaction Begin()
    {
        process.ThrowIfDead();
        return new FaultyTransaction(this, Inner.Begin());
    }

    public override async ValueTask<ILogTopic> OpenTopicAsync(string name, CancellationToken cancellation)
    {
        await process.CrossAsync(cancellation);
        return await base.OpenTopicAsync(name, cancellation);
    }

    public override async ValueTask<IReadOnlyList<ParkedMessage>> ReadParkedAsync(string subscription, ParkedQuery query, CancellationToken cancellation)
    {
        await ReadingAsync(cancellation);
        var rows = await Inner.ReadParkedAsync(subscription, query, cancellation);
        await process.CrossAsync(cancellation);
        return rows;
    }

    public override async ValueTask<IReadOnlyList<ScheduledMessage>> ReadScheduledAsync(ScheduledQuery query, CancellationToken cancellation)
    {
        await ReadingAsync(cancellation);
        return await Inner.ReadScheduledAsync(query, cancellation);
    }

    public override async ValueTask<IReadOnlyList<SubscriptionInfo>> ListSubscriptionsAsync(CancellationToken cancellation)
    {
        await ReadingAsync(cancellation);
        return await Inner.ListSubscriptionsAsync(cancellation);
    }

    /// <summary>Before the store is read.</summary>
    public async ValueTask ReadingAsync(CancellationToken cancellation)
    {
        await process.CrossAsync(cancellation);
        if (world.Fails && world.OneIn(3))
            throw Fail("reads that fail");
    }

    /// <summary>Around a commit.</summary>
    public async ValueTask<T> CommitAsync<T>(Func<ValueTask<T>> commit, CancellationToken cancellation)
    {
        await process.CrossAsync(cancellation);
        if (world.Fails && !world.OneIn(4))
            throw Fail("commits that fail");
        var result = await commit();
        await process.CrossAsync(cancellation: default); // What is committed cannot be given up any more.
        if (!world.IsCalm && process.Started && world.OneIn(60))
            throw Fail("commits whose end is unknown");
        return result;
    }

    protected override ILogTopic Wrap(ILogTopic topic) => new FaultyTopic(this, topic);

    private LogException Fail(string what)
    {
        world.Faults.Add(what);
        process.CountFault();
        return new(new EventCode(3010), what);
    }
}

/// <summary>A topic of a <see cref="FaultyLog"/>.</summary>
internal sealed class FaultyTopic(FaultyLog log, ILogTopic inner) : TopicWrapper(log, inner)
{
    private int _appends;

    public override ValueTask<long> AppendAsync(Message message, ReadOnlyMemory<byte> key, CancellationToken cancellation, Once once = default) =>
        log.Sabotage == Sabotage.LosesAppends && ++_appends % 10 == 0
            ? new(Head + 1)
            : log.CommitAsync(() => Inner.AppendAsync(message, key, cancellation, once), cancellation);

    public override async ValueTask<int> ReadAsync(long after, Memory<LogEntry> into, CancellationToken cancellation)
    {
        await log.ReadingAsync(cancellation);
        int count = await Inner.ReadAsync(after, into, cancellation);
        if (log.Sabotage == Sabotage.ReadsBackwards)
            into.Span[..count].Reverse();
        await log.Process.CrossAsync(cancellation);
        return count;
    }

    public override ValueTask WaitAsync(long after, CancellationToken cancellation) => log.Sabotage == Sabotage.NeverWakes
        ? new(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation))
        : base.WaitAsync(after, cancellation);

    public override async ValueTask<ILogSubscription> OpenSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation)
    {
        await log.ReadingAsync(cancellation);
        return await base.OpenSubscriptionAsync(name, start, cancellation);
    }

    public override async ValueTask<long> TrimAsync(DateTimeOffset before, IReadOnlySet<string> orphans, CancellationToken cancellation)
    {
        await log.ReadingAsync(cancellation);
        return await Inner.TrimAsync(before, orphans, cancellation);
    }

    protected override ILogSubscription Wrap(ILogSubscription subscription) => new FaultySubscription(this, subscription, log.Sabotage);
}

/// <summary>A subscription of a <see cref="FaultyTopic"/>.</summary>
internal sealed class FaultySubscription(FaultyTopic topic, ILogSubscription inner, Sabotage sabotage) : SubscriptionWrapper(topic, inner)
{
    public override IReadOnlyList<ParkedKey> ParkedKeys => sabotage == Sabotage.ForgetsKeys ? [] : Inner.ParkedKeys;
}

/// <summary>A transaction of a <see cref="FaultyLog"/>.</summary>
internal sealed class FaultyTransaction(FaultyLog log, LogTransaction inner) : TransactionWrapper(log, inner)
{
    private readonly LogTransaction _inner = inner;

    public override void Park(ILogSubscription subscription, ParkedMessage message)
    {
        if (log.Sabotage != Sabotage.ForgetsParked)
            base.Park(subscription, message);
    }

    public override void Settle(ILogSubscription subscription, long position)
    {
        if (log.Sabotage != Sabotage.ForgetsSettled || position % 5 != 0)
            base.Settle(subscription, position);
    }

    protected override async ValueTask CommitCoreAsync(CancellationToken cancellation)
    {
        try
        {
            await log.CommitAsync(
                async () =>
                {
                    await base.CommitCoreAsync(cancellation);
                    return 0;
                },
                cancellation);
        }
        finally
        {
            await EmptyAsync();
        }
    }

    // What failed before it reached the log behind is still in it.
    private async ValueTask EmptyAsync()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        try
        {
            await _inner.CommitAsync(cancelled.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or LogException)
        {
            // That was the point.
        }
    }
}
