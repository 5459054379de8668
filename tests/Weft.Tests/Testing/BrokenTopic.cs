using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;
using Weft.Testing;

namespace Weft.Tests.Testing;

/// <summary>A topic of a <see cref="BrokenLog"/>.</summary>
internal sealed class BrokenTopic(BrokenLog log, ILogTopic inner) : TopicWrapper(log, inner)
{
    public override long Head => log.Flaw == Flaw.ReadsPastHead ? Math.Max(0, Inner.Head - 1) : Inner.Head;

    public override async ValueTask<long> AppendAsync(Message message, ReadOnlyMemory<byte> key, CancellationToken cancellation, Once once = default)
    {
        switch (log.Flaw)
        {
            case Flaw.LosesAppends:
                return Inner.Head + 1;
            case Flaw.ChangesBytes:
                message = new(message.Bytes.Length == 0 ? new byte[1] : message.Bytes[1..]);
                break;
            case Flaw.DropsWhenBusy:
                bool drops = ++log.State.UnderWay > 10;
                await Task.Yield();
                log.State.UnderWay--;
                if (drops)
                    return Inner.Head;
                break;
        }
        once = log.Flaw == Flaw.IgnoresOnce ? default : log.Flaw == Flaw.RemembersForEver ? once with { Window = TimeSpan.FromDays(1000) } : once;
        return await Inner.AppendAsync(message, key, cancellation, once);
    }

    public override async ValueTask<int> ReadAsync(long after, Memory<LogEntry> into, CancellationToken cancellation)
    {
        int count = await Inner.ReadAsync(log.Flaw == Flaw.RepeatsEntries ? Math.Max(0, after - 1) : after, into, cancellation);
        var read = into.Span[..count];
        switch (log.Flaw)
        {
            case Flaw.PositionsHaveGaps:
                foreach (ref var entry in read)
                    entry = entry with { Position = entry.Position * 2 };
                break;
            case Flaw.IsLateByAnHour:
                foreach (ref var entry in read)
                    entry = entry with { AppendedAt = entry.AppendedAt.AddHours(1) };
                break;
            case Flaw.MixesUpMessages:
                Message[] messages = [.. into[..count].ToArray().Select(e => e.Message).Reverse()];
                for (int i = 0; i < count; i++)
                    read[i] = read[i] with { Message = messages[i] };
                break;
            case Flaw.StopsAtLarge when count > 0 && read[0].Message.Bytes.Length > 10_000:
            case Flaw.StopsAtGap when count > 0 && read[0].Position > after + 1:
                return 0;
        }
        return count;
    }

    public override async ValueTask WaitAsync(long after, CancellationToken cancellation)
    {
        if (log.Flaw == Flaw.NeverWakes && Inner.Head <= after)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        await Inner.WaitAsync(log.Flaw == Flaw.WaitsAlways ? Math.Max(after, Inner.Head) : after, log.Flaw == Flaw.WaitsForEver ? default : cancellation);
    }

    public override async ValueTask<ILogSubscription> OpenSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation)
    {
        switch (log.Flaw)
        {
            case Flaw.StartsAtBeginning: start = SubscriptionStart.Beginning; break;
            case Flaw.StartsAtEnd: start = SubscriptionStart.New; break;
            case Flaw.NamesPerTopic: name = $"{name} of {Name}"; break;
            case Flaw.StartsAgain when await log.Inner.HasPassedAsync(name, 0, cancellation): await log.Inner.SeekAsync(name, start, cancellation); break;
            case Flaw.StaysOpenAfterCrash when !log.State.OpenNames.Add(name): throw new LogException(new EventCode(3011), "It is open.");
            case Flaw.LetsTwoRead:
                foreach (var (_, open) in log.State.Open.Where(o => o.Name == name).ToArray())
                    await open.DisposeAsync();
                break;
        }
        var opened = await Inner.OpenSubscriptionAsync(name, start, cancellation);
        log.State.Open.Add((name, opened));
        return Wrap(opened);
    }

    public override async ValueTask<long> TrimAsync(DateTimeOffset before, IReadOnlySet<string> orphans, CancellationToken cancellation)
    {
        log.State.Trimmed = true;
        if (log.Flaw == Flaw.NeverTrims)
            return 0;
        if (log.Flaw == Flaw.TrimsUnread)
            orphans = (await log.Inner.ListSubscriptionsAsync(cancellation)).Select(s => s.Name).ToHashSet();
        return await Inner.TrimAsync(before, log.Flaw == Flaw.HeedsOrphans ? new HashSet<string>() : orphans, cancellation);
    }

    protected override ILogSubscription Wrap(ILogSubscription subscription) => new BrokenSubscription(this, subscription, log);
}

/// <summary>A subscription of a <see cref="BrokenTopic"/>.</summary>
internal sealed class BrokenSubscription(BrokenTopic topic, ILogSubscription inner, BrokenLog log) : SubscriptionWrapper(topic, inner)
{
    public override IReadOnlyList<ParkedKey> ParkedKeys => log.Flaw == Flaw.ForgetsKeys ? [] : base.ParkedKeys;

    public override ValueTask DisposeAsync()
    {
        log.State.OpenNames.Remove(Name);
        return base.DisposeAsync();
    }
}
