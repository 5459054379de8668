using Weft.Flows;
using Weft.Postgres.Sharing;
using Weft.Postgres.Tests.Rig;

namespace Weft.Postgres.Tests;

public sealed class LeaseTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(1), s_heartbeat = TimeSpan.FromMilliseconds(200);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shards_are_shared_by_who_is_there_and_handed_over_without_overlap()
    {
        var options = await StoreAsync(shards: 8);
        await using var one = await ReaderAsync(options);
        await one.UntilAsync(held => held == 8);
        await using (var two = await ReaderAsync(options))
        {
            await two.UntilAsync(held => held > 0 && held + one.Held == 8);
            Assert.InRange(one.Held, 1, 7);
            Assert.Empty(one.Open.Intersect(two.Open));
        }
        await one.UntilAsync(held => held == 8);
        Assert.Equal(0, one.Losses);
    }

    [Fact]
    public async Task What_a_killed_reader_had_is_read_on_within_the_lease_and_two_seconds()
    {
        var options = await StoreAsync(shards: 4);
        var one = await ReaderAsync(options);
        await one.UntilAsync(held => held == 4);
        await using var two = await ReaderAsync(options);
        await two.UntilAsync(held => held > 0 && held + one.Held == 4);
        long begun = TimeProvider.System.GetTimestamp();
        await one.KillAsync();
        await two.UntilAsync(held => held == 4);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.Zero, s_lease + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task An_owner_that_slept_through_its_lease_can_store_nothing()
    {
        var options = await StoreAsync(shards: 1);
        // It believes in its lease, so that only the store can refuse it.
        await using var asleep = await PostgresMessageLog.OpenAsync(options with { Lease = TimeSpan.FromHours(2), Heartbeat = TimeSpan.FromHours(1) }, TimeProvider.System, cancellation: Cancellation);
        var topic = await asleep.OpenTopicAsync("orders", Cancellation);
        for (int i = 1; i <= 3; i++)
            await topic.AppendAsync(AppendTests.Message($"{i}"), default, Cancellation);
        var old = await topic.OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Cancellation);
        await SettleAsync(asleep, old, 1);

        await using var awake = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        var elsewhere = await awake.OpenTopicAsync("orders", Cancellation);
        await Assert.ThrowsAsync<LogException>(async () => await elsewhere.OpenSubscriptionAsync("billing", SubscriptionStart.New, Cancellation));
        await ExpireAsync(options);
        await using var taken = await elsewhere.OpenSubscriptionAsync("billing", SubscriptionStart.New, Cancellation);
        Assert.Equal(1, taken.Opened.Low);

        await using var transaction = asleep.Begin();
        transaction.Append(topic, AppendTests.Message("4"), default);
        transaction.Settle(old, 2);
        transaction.Park(old, new() { Position = 3, State = ParkedState.Dead, Message = AppendTests.Message("3") });
        var refused = await Assert.ThrowsAsync<LogException>(async () => await transaction.CommitAsync(Cancellation));
        Assert.Equal(3102, refused.Code.Number);
        await Task.Delay(Timeout.InfiniteTimeSpan, old.Lost).ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
        await SettleAsync(awake, taken, 2);
        await old.DisposeAsync();

        var info = Assert.Single(await awake.ListSubscriptionsAsync(Cancellation));
        Assert.Equal((2, 3, 0), (info.Low, info.Head, info.Dead));
    }

    [Fact]
    public async Task Others_of_the_same_commit_go_on_when_one_has_lost_its_shard()
    {
        var options = await StoreAsync(shards: 2);
        await using var log = await PostgresMessageLog.OpenAsync(options with { Heartbeat = TimeSpan.FromHours(1), Lease = TimeSpan.FromHours(2) }, TimeProvider.System, cancellation: Cancellation);
        var shards = (await log.OpenTopicAsync("orders", Cancellation)).Shards;
        foreach (var shard in shards)
            await shard.AppendAsync(AppendTests.Message("1"), default, Cancellation);
        var lost = await shards[0].OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Cancellation);
        var kept = await shards[1].OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Cancellation);
        await ExpireAsync(options);
        await using var other = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        await (await other.OpenTopicAsync("orders", Cancellation)).Shards[0].OpenSubscriptionAsync("billing", default, Cancellation);

        var commits = Enumerable.Range(0, 20).Select(i => SettleAsync(log, i % 2 == 0 ? lost : kept, ShardPosition.Base(i % 2) + 1)).ToArray();
        await Task.WhenAll(commits).ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.All(commits, (commit, i) => Assert.Equal(i % 2 == 0, commit.IsFaulted));
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_ends_here_before_it_does_at_the_server()
    {
        var options = await StoreAsync(shards: 1);
        await using var log = await PostgresMessageLog.OpenAsync(options with { Lease = TimeSpan.FromMilliseconds(500), Heartbeat = TimeSpan.FromHours(1) }, TimeProvider.System, cancellation: Cancellation);
        var opened = await (await log.OpenTopicAsync("orders", Cancellation)).OpenSubscriptionAsync("billing", SubscriptionStart.New, Cancellation);
        Assert.True(opened.IsHeld);
        await Task.Delay(Timeout.InfiniteTimeSpan, opened.Lost).ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
        Assert.False(opened.IsHeld);
        await using var transaction = log.Begin();
        transaction.Settle(opened, 1);
        Assert.Equal(3102, (await Assert.ThrowsAsync<LogException>(async () => await transaction.CommitAsync(Cancellation))).Code.Number);
    }

    [Fact]
    public void Rendezvous_spreads_shards_and_moves_only_those_of_who_goes()
    {
        Guid[] readers = [.. Enumerable.Range(1, 4).Select(i => new Guid(i, 0, 0, new byte[8]))];
        var before = Enumerable.Range(0, 256).ToDictionary(s => s, s => Rendezvous.Pick(7, s, readers));
        Assert.All(readers, r => Assert.InRange(before.Values.Count(p => p == r), 32, 100));
        foreach (var (shard, reader) in before.Where(p => p.Value != readers[0]))
            Assert.Equal(reader, Rendezvous.Pick(7, shard, readers[1..]));
    }

    private static async Task SettleAsync(PostgresMessageLog log, ILogSubscription subscription, long position)
    {
        await using var transaction = log.Begin();
        transaction.Settle(subscription, position);
        await transaction.CommitAsync(Cancellation);
    }

    // As if no holder of a shard had been heard of for long.
    private static async Task ExpireAsync(PostgresLogOptions options)
    {
        // What others gave back wakes the holder, who renews; that is over soon.
        await Task.Delay(500, Cancellation);
        await (await PostgresServer.SharedAsync()).ExecuteAsync($"update {options.Schema}.cursor set lease_until = now() - interval '1 second'");
    }

    private static async Task<PostgresLogOptions> StoreAsync(int shards) =>
        (await PostgresServer.SharedAsync()).NewStore(shards) with { Lease = s_lease, Heartbeat = s_heartbeat };

    private static async Task<Reader> ReaderAsync(PostgresLogOptions options)
    {
        var log = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        var topic = await log.OpenTopicAsync("orders", Cancellation);
        await topic.CreateSubscriptionAsync("billing", SubscriptionStart.Beginning, Cancellation);
        return new Reader(log, topic);
    }

    /// <summary>Reads whatever shards fall to it, as a process does.</summary>
    private sealed class Reader : IAsyncDisposable
    {
        private readonly PostgresMessageLog _log;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task[] _shards;
        private readonly HashSet<int> _open = [];

        public Reader(PostgresMessageLog log, ILogTopic topic)
        {
            _log = log;
            _shards = [.. topic.Shards.Select(RunAsync)];
        }

        public int Losses { get; private set; }

        public int Held => Open.Length;

        public int[] Open
        {
            get
            {
                lock (_open)
                    return [.. _open];
            }
        }

        public async Task UntilAsync(Predicate<int> holds)
        {
            for (int tries = 0; !holds(Held); tries++)
            {
                Assert.True(tries < 1000, $"It holds {Held} shards after 10 s.");
                await Task.Delay(10, Cancellation);
            }
        }

        public async Task KillAsync()
        {
            await _log.AbandonAsync();
            await _stop.CancelAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_shards);
            await _log.DisposeAsync();
        }

        private async Task RunAsync(ILogTopic shard)
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    await shard.WaitForTurnAsync("billing", _stop.Token);
                    await using var subscription = await shard.OpenSubscriptionAsync("billing", default, _stop.Token);
                    lock (_open)
                        _open.Add(shard.Shard);
                    using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, subscription.Leaving, subscription.Lost);
                    await Task.Delay(Timeout.InfiniteTimeSpan, end.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
                    lock (_open)
                        _open.Remove(shard.Shard);
                    if (subscription.Lost.IsCancellationRequested)
                        Losses++;
                }
                catch (Exception e) when (e is OperationCanceledException or LogException or ObjectDisposedException)
                {
                    await Task.Delay(20, CancellationToken.None);
                }
            }
        }
    }
}
