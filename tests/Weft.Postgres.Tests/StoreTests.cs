using System.Text;
using Weft.Flows;
using Weft.Postgres.Tests.Rig;

namespace Weft.Postgres.Tests;

public sealed class StoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused()
    {
        var server = await PostgresServer.SharedAsync();
        var options = server.NewStore();
        await (await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation)).DisposeAsync();
        await server.ExecuteAsync($"update {options.Schema}.meta set value = '99' where key = 'version'");
        var refused = await Assert.ThrowsAsync<LogException>(async () => await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation));
        Assert.Equal(3003, refused.Code.Number);
    }

    [Fact]
    public async Task Processes_that_start_at_once_make_one_store()
    {
        var server = await PostgresServer.SharedAsync();
        var options = server.NewStore(shards: 3);
        var logs = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation).AsTask()));
        var topics = await Task.WhenAll(logs.Select(l => l.OpenTopicAsync("orders", Cancellation).AsTask()));
        await Task.WhenAll(topics.Select(t => t.CreateSubscriptionAsync("billing", SubscriptionStart.New, Cancellation).AsTask()));
        Assert.All(topics, t => Assert.Equal(3, t.Shards.Count));
        Assert.Single(await logs[0].ListSubscriptionsAsync(Cancellation));
        foreach (var log in logs)
            await log.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_refuses_or_is_not_there_says_so()
    {
        var options = (await PostgresServer.SharedAsync()).NewStore();
        options.Connection.Database = "nowhere";
        Assert.Equal(3103, (await FailAsync(options)).Code.Number);
        options.Connection.Port = 1;
        Assert.Equal(3106, (await FailAsync(options)).Code.Number);

        static Task<LogException> FailAsync(PostgresLogOptions options) =>
            Assert.ThrowsAsync<LogException>(async () => await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation));
    }

    [Fact]
    public async Task Old_segments_are_dropped_as_whole_tables()
    {
        var server = await PostgresServer.SharedAsync();
        var options = server.NewStore(shards: 2);
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var log = await PostgresMessageLog.OpenAsync(options, clock, cancellation: Cancellation);
        var topic = await log.OpenTopicAsync("orders", Cancellation);
        await topic.CreateSubscriptionAsync("billing", SubscriptionStart.Beginning, Cancellation);
        for (int hour = 0; hour < 48; hour++)
        {
            for (int i = 0; i < 4; i++)
                await topic.AppendAsync(AppendTests.Message($"{hour}"), Encoding.UTF8.GetBytes($"{i}"), Cancellation);
            clock.Advance(TimeSpan.FromHours(1));
            await topic.TrimAsync(clock.GetUtcNow().AddHours(-8), new HashSet<string> { "billing" }, Cancellation);
        }
        Assert.InRange((long)(await server.ExecuteAsync($"select count(*) from pg_inherits i join pg_class c on c.oid = i.inhparent join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{options.Schema}' and c.relkind = 'p'"))!, 8, 12);
        Assert.Equal(48 * 4, topic.Head);
        var left = new List<LogEntry>();
        foreach (var shard in topic.Shards)
            left.AddRange(await AppendTests.ReadAllAsync(shard));
        Assert.Equal(8 * 4, left.Count);
        Assert.All(left, e => Assert.True(e.AppendedAt >= clock.GetUtcNow().AddHours(-8)));
    }

    [Fact]
    public async Task A_store_of_the_first_version_is_brought_up_to_date_with_all_that_it_has()
    {
        var server = await PostgresServer.SharedAsync();
        var options = server.NewStore();
        string s = options.Schema;
        await using (var log = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation))
        {
            var topic = await log.OpenTopicAsync("orders", Cancellation);
            await topic.CreateSubscriptionAsync("billing", SubscriptionStart.Beginning, Cancellation);
            await topic.AppendAsync(AppendTests.Message("1"), default, Cancellation);
        }
        await server.ExecuteAsync($"""
            alter table {s}.cursor drop column mark;
            drop function {s}.fence(int, int, bigint, bigint, bytea, bigint, bigint);
            create function {s}.fence(c int, sh int, e bigint, l bigint, a bytea, at bigint) returns void language plpgsql as $$ begin raise exception 'old'; end $$;
            drop table {s}.ask;
            drop table {s}.checkpoint;
            drop function {s}.set_checkpoint(text, bytea, bytea);
            update {s}.meta set value = '1' where key = 'version';
            """);

        await using var upgraded = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        Assert.Equal($"{Storage.Schema.Version}", await server.ExecuteAsync($"select value from {s}.meta where key = 'version'"));
        await using var subscription = await (await upgraded.OpenTopicAsync("orders", Cancellation)).OpenSubscriptionAsync("billing", default, Cancellation);
        Assert.Equal((0L, 0L), (subscription.Opened.Low, subscription.UnderWay));
        await using var transaction = upgraded.Begin();
        transaction.Settle(subscription, 1);
        transaction.Mark(subscription, 1);
        await transaction.CommitAsync(Cancellation);
        Assert.True(await upgraded.HasPassedAsync("billing", 1, Cancellation));
    }

    [Fact]
    public async Task A_server_that_crashes_right_after_it_keeps_what_was_parked()
    {
        await using var server = await PostgresServer.StartAsync();
        var options = server.NewStore();
        await using var log = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        var topic = await log.OpenTopicAsync("orders", Cancellation);
        await topic.AppendAsync(AppendTests.Message("1"), default, Cancellation);
        await using var subscription = await topic.OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Cancellation);
        await using var transaction = log.Begin();
        // Progress need not be synced, but this row is all that is left of the message once the cursor is past it.
        transaction.Relaxed = true;
        transaction.Settle(subscription, 1);
        transaction.Park(subscription, new() { Position = 1, State = ParkedState.Retry, Message = AppendTests.Message("1") });
        await transaction.CommitAsync(Cancellation);
        await server.RestartAsync(immediate: true);
        Assert.Equal(1L, await server.ExecuteAsync($"select count(*) from {options.Schema}.parked"));
    }

    [Theory]
    [InlineData("postgres://h", "Host=h;Timeout=5")]
    [InlineData("postgresql://u:p%40s@h:99/d?sslmode=verify-full&Maximum%20Pool%20Size=7", "Host=h;Timeout=5;Port=99;Database=d;Username=u;Password=p@s;SSL Mode=VerifyFull;Maximum Pool Size=7")]
    public void A_url_says_where_and_who(string url, string connection)
    {
        Assert.True(PostgresUrl.TryRead(url, out var options, out var problem), problem);
        Assert.Equal(new Npgsql.NpgsqlConnectionStringBuilder(connection), options.Connection);
    }

    [Theory]
    [InlineData("Host=h", "no address")]
    [InlineData("postgres://h/d?schema=We-ft", "schema")]
    [InlineData("postgres://h/d?colour=red", "colour")]
    [InlineData("postgres://h/d?lease=10s", "lease")]
    [InlineData("postgres://h/d?listen=no", "listen")]
    public void A_url_that_cannot_be_used_says_why(string url, string part)
    {
        Assert.False(PostgresUrl.TryRead(url, out _, out var problem));
        Assert.Contains(part, problem, StringComparison.Ordinal);
    }
}
