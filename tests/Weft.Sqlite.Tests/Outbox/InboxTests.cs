using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Sqlite.Outbox;

namespace Weft.Sqlite.Tests.Outbox;

/// <summary>Handlers whose effects and marks are one transaction.</summary>
public sealed class InboxTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_comes_again_has_its_effect_once_though_the_handler_fails_before_and_after_its_commit()
    {
        const int Count = 30;
        await using var rig = new OutboxRig();
        int calls = 0;
        await rig.StartAsync(weft => weft
            .Handler("stock", async (message, delivery, cancellation) =>
            {
                int call = Interlocked.Increment(ref calls);
                await using var connection = await rig.ConnectAsync();
                await using var transaction = await connection.BeginTransactionAsync(cancellation);
                if (await delivery.Services.GetRequiredService<IInbox>().TryMarkAsync(transaction, delivery, cancellation))
                {
                    await ExecuteAsync(connection, transaction, $"create table if not exists taken(subject text); insert into taken values('{message.Subject}')");
                    await delivery.Services.GetRequiredService<IOutbox>().AddAsync(transaction, "taken", OutboxRig.New(message.Subject!, 0), cancellation: cancellation);
                }
                if (call % 3 == 0)
                    throw new InvalidOperationException("The process has no memory left before its commit.");
                await transaction.CommitAsync(cancellation);
                if (call % 3 == 1)
                    throw new InvalidOperationException("The answer was lost after its commit.");
            })
            .Topic("taken")
            .Subscription("stock", new() { From = "orders", Handler = "stock", Start = "beginning", Concurrency = 1, Retry = new() { Now = 10 } }));
        await rig.AddAsync("orders", commit: true, Enumerable.Range(0, Count).Select(i => ($"{i}", i)));
        await rig.PublishedAsync(Count, "taken");
        await OutboxRig.UntilAsync(async () => (await rig.ColumnAsync("topic")).Length == 0);

        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i}/{i}/0"), await rig.PublishedAsync(Count, "taken"));
        Assert.True(calls > Count * 3 / 2, $"Only {calls} calls, so little came again.");
        await using var check = await rig.ConnectAsync();
        await using var count = check.CreateCommand();
        count.CommandText = "select count(*) || ' ' || count(distinct subject) from taken";
        Assert.Equal($"{Count} {Count}", await count.ExecuteScalarAsync(Token));
    }

    [Fact]
    public async Task Old_marks_are_deleted_and_young_ones_stay()
    {
        await using var rig = new OutboxRig();
        await rig.StartAsync();
        await using var connection = await rig.ConnectAsync();
        // Both are too young for the relay, which deletes marks by itself.
        var now = DateTimeOffset.UtcNow;
        await ExecuteAsync(connection, null, $"insert into weft_inbox values('s', '/shop', 'old', {now.AddDays(-5).ToUnixTimeMilliseconds()}), ('s', '/shop', 'young', {now.AddDays(-3).ToUnixTimeMilliseconds()})");
        await using (var source = SqliteOutbox.Open(rig.File))
            Assert.Equal(1, await source.PurgeMarksAsync(now.AddDays(-4), Token));
        await using var left = connection.CreateCommand();
        left.CommandText = "select group_concat(id) from weft_inbox";
        Assert.Equal("young", await left.ExecuteScalarAsync(Token));
    }

    private static async Task ExecuteAsync(DbConnection connection, DbTransaction? transaction, string sql)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        await command.ExecuteNonQueryAsync(Token);
    }
}
