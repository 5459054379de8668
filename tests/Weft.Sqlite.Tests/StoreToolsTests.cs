using Weft.Flows;
using Weft.Options;
using Weft.Sqlite.Native;
using Weft.Sqlite.Storage;

namespace Weft.Sqlite.Tests;

public sealed class StoreToolsTests : IDisposable
{
    private readonly StoreDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SqliteStoreTools Tools => new(_directory.File(), TimeProvider.System);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_store_in_use_is_sound_and_its_backup_has_all_that_had_returned()
    {
        await using var log = _directory.Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        await using var subscription = await topic.OpenSubscriptionAsync("bill", SubscriptionStart.Beginning, Token);
        for (int i = 1; i <= 100; i++)
            await topic.AppendAsync(Messages.Of(i), default, Token);
        await using (var transaction = log.Begin())
        {
            transaction.Settle(subscription, 1);
            transaction.Settle(subscription, 3);
            transaction.Park(subscription, new ParkedMessage { Position = 3, State = ParkedState.Dead, Message = Messages.Of(3) });
            transaction.Schedule(topic, new() { Token = "t", Topic = "orders", Due = DateTimeOffset.MaxValue, Message = Messages.Of(7) });
            await transaction.CommitAsync(Token);
        }
        Assert.Empty(await Tools.CheckAsync(Token));
        var facts = await Tools.InspectAsync(Token);
        Assert.Equal((Schema.Version, Schema.Version, 1, 1), (facts.Version, facts.Newest, facts.Topics, facts.Subscriptions));

        // While it is being written to.
        var writing = Task.WhenAll(Enumerable.Range(101, 200).Select(i => topic.AppendAsync(Messages.Of(i), default, Token).AsTask()));
        long bytes = await Tools.BackUpAsync(_directory.File("backup.db"), Token);
        await writing;
        Assert.Equal(new FileInfo(_directory.File("backup.db")).Length, bytes);

        var tools = new SqliteStoreTools(_directory.File("backup.db"), TimeProvider.System);
        Assert.Empty(await tools.CheckAsync(Token));
        await using var copy = SqliteMessageLog.Open(_directory.File("backup.db"), Durability.Os, TimeProvider.System);
        var all = await (await copy.OpenTopicAsync("orders", Token)).ReadAllAsync();
        Assert.True(all.Count >= 100);
        Assert.Equal(Enumerable.Range(1, all.Count).Select(i => (long)i), all.Select(e => e.Message.Number()));
        Assert.Equal((1L, 1L), ((await copy.ListSubscriptionsAsync(Token))[0].Low, (await copy.ListSubscriptionsAsync(Token))[0].Dead));
        Assert.Single(await copy.ReadScheduledAsync(new(), Token));
    }

    [Theory]
    [InlineData("delete from log_1 where pos = 5", "some are missing")]
    [InlineData("update cursor set low = 11", "is past the end of topic 'orders', which is at 10")]
    [InlineData("drop table log_1", "has no messages table")]
    [InlineData("delete from cursor", "has no position")]
    [InlineData("delete from topic", "reads a topic that is not there")]
    [InlineData("insert into parked(sub, pos, state, due, attempts, first_at, last_at) values(1, 9, 0, 0, 0, 0, 0)", "would be delivered it once more")]
    [InlineData("insert into parked(sub, pos, state, due, attempts, first_at, last_at) values(1, 1, 7, 0, 0, 0, 0)", "in a state that this Weft does not know")]
    [InlineData("insert into parked(sub, pos, state, due, attempts, first_at, last_at) values(2, 1, 0, 0, 0, 0, 0)", "is gone and has left messages")]
    [InlineData("insert into timer values('t', 1, 9, null, null)", "for a topic that is not there")]
    public async Task What_does_not_fit_together_is_found(string damage, string finding)
    {
        await MakeAsync();
        using (var connection = Connection.Open(_directory.File(), null, TimeSpan.Zero))
            connection.Execute(damage);
        Assert.Contains(await Tools.CheckAsync(Token), f => f.Contains(finding, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_file_is_found()
    {
        await MakeAsync();
        await using (var file = File.Open(_directory.File(), FileMode.Open))
        {
            file.Position = file.Length - 4096;
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, 2000).ToArray(), Token);
        }
        Assert.Contains(await Tools.CheckAsync(Token), f => f.Contains("damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backup_replaces_nothing_and_one_that_fails_leaves_nothing()
    {
        await MakeAsync();
        await File.WriteAllTextAsync(_directory.File("there.db"), "mine", Token);
        Assert.Equal(3023, (await Assert.ThrowsAsync<LogException>(async () => await Tools.BackUpAsync(_directory.File("there.db"), Token))).Code.Number);
        Assert.Equal("mine", await File.ReadAllTextAsync(_directory.File("there.db"), Token));
        Assert.Equal(3024, (await Assert.ThrowsAsync<LogException>(async () => await Tools.BackUpAsync(_directory.File("no/such/directory.db"), Token))).Code.Number);
        Assert.False(Directory.Exists(_directory.File("no")));
        Assert.Equal(3022, (await Assert.ThrowsAsync<LogException>(async () => await new SqliteStoreTools(_directory.File("none.db"), TimeProvider.System).CheckAsync(Token))).Code.Number);
        Assert.False(File.Exists(_directory.File("none.db")));
    }

    [Fact]
    public async Task An_old_store_can_be_looked_at_as_it_is_and_be_upgraded()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Fixtures", "version-1.store"), _directory.File());
        Assert.Empty(await Tools.CheckAsync(Token));
        Assert.Equal(1, (await Tools.InspectAsync(Token)).Version);
        Assert.Equal(1, await Tools.UpgradeAsync(Token));
        Assert.Equal(Schema.Version, (await Tools.InspectAsync(Token)).Version);
        Assert.Equal(Schema.Version, await Tools.UpgradeAsync(Token));
        await using var held = _directory.Open();
        Assert.Equal(3001, (await Assert.ThrowsAsync<LogException>(async () => await Tools.UpgradeAsync(Token))).Code.Number);
    }

    private async Task MakeAsync()
    {
        await using var log = _directory.Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        await using var subscription = await topic.OpenSubscriptionAsync("bill", SubscriptionStart.Beginning, Token);
        for (int i = 1; i <= 10; i++)
            await topic.AppendAsync(Messages.Of(i), default, Token);
        await using var transaction = log.Begin();
        transaction.Settle(subscription, 1);
        await transaction.CommitAsync(Token);
    }
}
