using System.Collections.Concurrent;
using Weft.Flows;
using Weft.Options;

namespace Weft.Sqlite.Tests.PowerLoss;

/// <summary>
/// Cuts the power under a log at random moments, while publishers append and a subscription settles what it read. What was
/// not synced is lost, in whole or in parts.
/// </summary>
public sealed class LogPowerLossTests
{
    private const int Cuts = 120;
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_that_returned_is_lost_when_commits_are_synced()
    {
        int confirmed = 0;
        for (int seed = 1; seed <= Cuts; seed++)
        {
            var (lost, stored) = await CutAsync(seed, Durability.Sync);
            Assert.True(lost.Count == 0, $"Seed {seed}: {string.Join(", ", lost)}");
            confirmed += stored;
        }
        Assert.True(confirmed > Cuts * 10, $"Only {confirmed} events were stored, which shows nothing.");
    }

    [Fact]
    public async Task Progress_that_is_not_synced_takes_no_event_with_it_and_never_runs_ahead()
    {
        int confirmed = 0;
        for (int seed = 1; seed <= Cuts; seed++)
        {
            var (lost, stored) = await CutAsync(seed, Durability.Sync, relaxed: true);
            Assert.True(lost.Count == 0, $"Seed {seed}: {string.Join(", ", lost)}");
            confirmed += stored;
        }
        Assert.True(confirmed > Cuts * 10, $"Only {confirmed} events were stored, which shows nothing.");
    }

    [Fact]
    public async Task The_same_cuts_lose_events_when_nothing_is_synced()
    {
        int lost = 0;
        for (int seed = 1; seed <= Cuts / 4; seed++)
            lost += (await CutAsync(seed, Durability.Memory)).Lost.Count;
        Assert.NotEqual(0, lost);
    }

    private static async Task<(List<string> Lost, int Stored)> CutAsync(int seed, Durability durability, bool relaxed = false)
    {
        var random = new Random(seed);
        var disk = new Disk();
        var returned = new ConcurrentDictionary<long, long>();
        var settled = new ConcurrentBag<long>();
        using (var vfs = new RecordingVfs(disk))
        {
            try
            {
                await using var log = Open(vfs, durability);
                var topic = await log.OpenTopicAsync("orders", Token);
                await using var subscription = await topic.OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Token);
                disk.CutPowerIn(random.Next(1, 1_000));
                await Task.WhenAll([
                    SettleAsync(log, subscription, settled, relaxed),
                    .. Enumerable.Range(0, 8).Select(p => PublishAsync(topic, p * 1_000_000L, returned))]);
            }
            catch (LogException)
            {
                // The power went before anybody published.
            }
        }

        using var after = new RecordingVfs(disk.AfterPowerLoss(seed % 3 == 0 ? null : random));
        try
        {
            await using var log = Open(after, durability);
            return (await FindLostAsync(log, returned, settled, relaxed), returned.Count);
        }
        catch (LogException e)
        {
            return ([e.Message], returned.Count);
        }
    }

    private static SqliteMessageLog Open(RecordingVfs vfs, Durability durability) => SqliteMessageLog.Open(
        new SqliteLogOptions { Path = "/disk/weft.db", Vfs = vfs.Name, Durability = durability, BusyTimeout = TimeSpan.Zero }, TimeProvider.System);

    private static async Task PublishAsync(ILogTopic topic, long from, ConcurrentDictionary<long, long> returned)
    {
        await Task.Yield();
        try
        {
            for (long number = from; ; number++)
                returned[await topic.AppendAsync(Messages.Of(number), default, Token)] = number;
        }
        catch (LogException)
        {
            // The power is gone.
        }
    }

    private static async Task SettleAsync(SqliteMessageLog log, ILogSubscription subscription, ConcurrentBag<long> settled, bool relaxed)
    {
        await Task.Yield();
        await using var transaction = log.Begin();
        transaction.Relaxed = relaxed;
        try
        {
            for (long position = 1; ; position++)
            {
                if (relaxed)
                    await subscription.Topic.WaitAsync(position - 1, Token);
                transaction.Settle(subscription, position);
                await transaction.CommitAsync(Token);
                if (!relaxed)
                    settled.Add(position);
            }
        }
        catch (LogException)
        {
            // The power is gone.
        }
    }

    private static async Task<List<string>> FindLostAsync(SqliteMessageLog log, ConcurrentDictionary<long, long> returned, ConcurrentBag<long> settled, bool relaxed)
    {
        var topic = await log.OpenTopicAsync("orders", Token);
        var found = (await topic.ReadAllAsync()).ToDictionary(e => e.Position, e => e.Message.Number());
        await using var subscription = await topic.OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Token);
        bool ahead = relaxed && subscription.Opened.Low > topic.Head;
        return
        [
            .. ahead ? ["progress is ahead of the log"] : Array.Empty<string>(),
            .. returned.Where(r => found.GetValueOrDefault(r.Key, -1) != r.Value).Select(r => $"position {r.Key} should be {r.Value}"),
            .. settled.Where(p => !subscription.Opened.Contains(p)).Select(p => $"position {p} was settled"),
            .. Enumerable.Range(1, found.Count).Where(p => !found.ContainsKey(p)).Select(p => $"position {p} is a gap"),
            .. found.Values.GroupBy(n => n).Where(n => n.Count() > 1).Select(n => $"event {n.Key} is there twice"),
        ];
    }
}
