using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;
using Weft.Testing;

namespace Weft.Tests.Testing;

/// <summary>A transaction of a <see cref="BrokenLog"/>. It gathers its changes, to do with them at the commit what the flaw says.</summary>
internal sealed class BrokenTransaction(BrokenLog log, LogTransaction inner) : TransactionWrapper(log, inner)
{
    private readonly LogTransaction _inner = inner;
    private readonly List<Action> _changes = [];

    public override void Append(ILogTopic topic, Message message, ReadOnlyMemory<byte> key, Once once = default)
    {
        if (log.Flaw == Flaw.WritesBeforeCommit)
            _ = Own(topic).AppendAsync(message, key, default, once).AsTask();
        else
            Change(() => base.Append(topic, message, key, log.Flaw == Flaw.IgnoresOnce ? default : once));
    }

    public override void Schedule(ILogTopic topic, ScheduledMessage message)
    {
        log.State.Scheduled[message.Token] = message;
        if (log.Flaw != Flaw.ForgetsScheduled)
            Change(() => base.Schedule(topic, message));
    }

    public override void Release(ILogTopic topic, string token)
    {
        Change(() => base.Release(topic, token));
        if (log.Flaw == Flaw.ReleasesTwice && log.State.Scheduled.TryGetValue(token, out var message))
            Change(() => base.Append(topic, message.Message, message.Key));
    }

    public override void Settle(ILogSubscription subscription, long position)
    {
        if (log.Flaw == Flaw.LosesSettled && position % 3 == 0)
            return;
        Change(() => base.Settle(subscription, position));
        if (log.Flaw == Flaw.SettlesNextToo && !log.State.Settled.Add((subscription.Name, position)))
            Change(() => base.Settle(subscription, position + 1));
        if (log.Flaw != Flaw.SharesCursors)
            return;
        foreach (var (name, other) in log.State.Open.Where(o => o.Name != subscription.Name && o.Subscription.Topic.Name == subscription.Topic.Name))
            Change(() => _inner.Settle(other, position));
    }

    public override void Park(ILogSubscription subscription, ParkedMessage message)
    {
        if (log.Flaw == Flaw.KeepsFirstParked && !log.State.Parked.Add((subscription.Name, message.Position)))
            return;
        Change(() => base.Park(subscription, log.Flaw == Flaw.ParksWithoutDetail ? message with { Detail = null } : message));
    }

    public override void Unpark(ILogSubscription subscription, long position)
    {
        if (log.Flaw != Flaw.NeverUnparks)
            Change(() => base.Unpark(subscription, position));
    }

    public override void Checkpoint(string name, ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> expected)
    {
        if (log.Flaw != Flaw.ForgetsCheckpoint)
            Change(() => base.Checkpoint(name, value, expected));
    }

    public override void Mark(ILogSubscription subscription, long upTo)
    {
        if (log.Flaw != Flaw.ForgetsMark)
            Change(() => base.Mark(subscription, upTo));
    }

    protected override async ValueTask CommitCoreAsync(CancellationToken cancellation)
    {
        if (log.Flaw == Flaw.RefusesEmpty && _changes.Count == 0)
            throw new LogException(new EventCode(3010), "There is nothing in it.");
        if (log.Flaw == Flaw.TurnsChangesRound)
            _changes.Reverse();
        Action[] changes = [.. _changes];
        if (log.Flaw != Flaw.KeepsChanges)
            _changes.Clear();
        if (log.Flaw == Flaw.SplitsTransactions)
        {
            Array.ForEach(changes[(changes.Length / 2)..], change => change());
            await base.CommitCoreAsync(cancellation);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellation);
            changes = changes[..(changes.Length / 2)];
        }
        Array.ForEach(changes, change => change());
        if (log.Flaw == Flaw.CommitsLater)
            _ = LaterAsync(base.CommitCoreAsync);
        else
            await base.CommitCoreAsync(cancellation);
    }

    private static async Task LaterAsync(Func<CancellationToken, ValueTask> commit)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        await commit(default);
    }

    private void Change(Action change) => _changes.Add(change);
}
