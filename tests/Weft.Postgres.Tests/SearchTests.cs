using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Weft.EventBus;
using Weft.Flows;
using Weft.Postgres.Tests.Rig;

namespace Weft.Postgres.Tests;

public sealed class SearchTests
{
    private const int Count = 600;

    private static readonly DateTimeOffset s_first = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Messages_of_all_shards_come_by_time_forwards_and_backwards_a_page_at_a_time(int shards)
    {
        await using var log = await PostgresMessageLog.OpenAsync((await PostgresServer.SharedAsync()).NewStore(shards), Clock(out var clock), cancellation: Cancellation);
        var topic = await log.OpenTopicAsync("orders", Cancellation);
        var positions = new List<long>();
        for (int i = 1; i <= Count; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            positions.Add(await topic.AppendAsync(AppendTests.Message($"{i}"), Encoding.UTF8.GetBytes($"{i}"), Cancellation));
        }
        Assert.Equal(shards, positions.Select(topic.ShardOf).Distinct().Count());

        Assert.Equal(Enumerable.Range(1, Count), await PagesAsync(topic, newest: false, 70));
        Assert.Equal(Enumerable.Range(1, Count).Reverse(), await PagesAsync(topic, newest: true, 70));
        Assert.Equal([600, 599, 598], (await PagesAsync(topic, newest: true, 3)).Take(3));
        // By time, and by the position of a message, which stands for its time elsewhere; both ends included.
        Assert.Equal(Enumerable.Range(100, 101), await PagesAsync(topic, newest: false, 30, new(null, At(100)), new(null, At(200))));
        Assert.Equal(Enumerable.Range(100, 101).Reverse(), await PagesAsync(topic, newest: true, 30, new(positions[99], default), new(positions[199], default)));
        Assert.Empty(await PagesAsync(topic, newest: false, 30, new(null, At(Count + 1))));
        Assert.False(new LogSearch(topic, newest: false).TryGoOn("1.2.3"));
    }

    [Fact]
    public async Task Clocks_that_go_back_lose_nothing_between_two_pages()
    {
        await using var log = await PostgresMessageLog.OpenAsync((await PostgresServer.SharedAsync()).NewStore(3), Clock(out var clock), cancellation: Cancellation);
        var topic = await log.OpenTopicAsync("orders", Cancellation);
        for (int i = 1; i <= 100; i++)
        {
            clock.AdjustTime(s_first.AddSeconds(i + (i % 3 * 20)));
            await topic.AppendAsync(AppendTests.Message($"{i}"), Encoding.UTF8.GetBytes($"{i}"), Cancellation);
        }
        Assert.Equal(Enumerable.Range(1, 100), (await PagesAsync(topic, newest: false, 7)).Order());
        Assert.Equal(Enumerable.Range(1, 100), (await PagesAsync(topic, newest: true, 7)).Order());
    }

    private static async Task<List<int>> PagesAsync(ILogTopic topic, bool newest, int size, SearchBound? from = null, SearchBound? to = null)
    {
        var all = new List<int>();
        string? place = null;
        while (true)
        {
            var search = new LogSearch(topic, newest);
            await search.BeginAsync(from, to, Cancellation);
            Assert.True(place is null || search.TryGoOn(place));
            int found = 0;
            bool more = await search.RunAsync(null, new SearchBudget(TimeProvider.System), entry =>
            {
                all.Add(int.Parse(entry.Message.Bytes.Span, CultureInfo.InvariantCulture));
                return ++found < size;
            }, Cancellation);
            if (!more)
                return all;
            place = search.Place;
        }
    }

    private static DateTimeOffset At(int number) => s_first.AddSeconds(number);

    private static FakeTimeProvider Clock(out FakeTimeProvider clock) => clock = new(s_first);
}
