using Weft.Flows;

namespace Weft.Sqlite.Tests.Outbox;

/// <summary>Events that leave with a transaction of the app's own database.</summary>
public sealed class OutboxTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_committed_leaves_in_order_and_what_is_rolled_back_never()
    {
        await using var rig = new OutboxRig();
        await rig.StartAsync();
        await rig.AddAsync("orders", commit: true, ("a", 1), ("b", 1));
        await rig.AddAsync("orders", commit: false, ("a", 2));
        await rig.AddAsync("orders", commit: true, ("a", 3));
        Assert.Equal(["a/1", "b/1", "a/3"], await rig.PublishedAsync(3));
        await OutboxRig.UntilAsync(async () => (await rig.ColumnAsync("topic")).Length == 0);
    }

    [Fact]
    public async Task Many_writers_lose_and_double_nothing_and_keep_the_order_of_each()
    {
        const int Writers = 8, Each = 60;
        await using var rig = new OutboxRig();
        await rig.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++)
                await rig.AddAsync("orders", commit: i % 5 != 4, ($"{writer}", i));
        }, Token)));
        var published = await rig.PublishedAsync(Writers * Each / 5 * 4);
        await rig.StopAsync();
        Assert.Equal(published, await rig.PublishedAsync(published.Length));
        foreach (var ofWriter in published.Select(s => s.Split('/')).GroupBy(s => s[0]))
            Assert.Equal(Enumerable.Range(0, Each).Where(i => i % 5 != 4).Select(i => $"{i}"), ofWriter.Select(s => s[1]));
    }

    [Theory]
    [InlineData("take", false)]
    [InlineData("commit", false)]
    [InlineData("delete", false)]
    [InlineData("deleted", false)]
    [InlineData("take", true)]
    [InlineData("commit", true)]
    [InlineData("delete", true)]
    [InlineData("deleted", true)]
    public async Task Whatever_step_fails_each_is_published_once(string step, bool crash)
    {
        await using var rig = new OutboxRig();
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = 0;
        rig.Log.BeforeCommit = _ => Break("commit") is { } fault ? throw fault : default;
        rig.Fault = Break;
        await rig.StartAsync();
        await rig.AddAsync("orders", commit: true, ("a", 1), ("a", 2));
        await rig.PublishedAsync(2);
        await OutboxRig.UntilAsync(async () => (await rig.ColumnAsync("topic")).Length == 0);

        Volatile.Write(ref left, 1);
        await rig.AddAsync("orders", commit: true, ("a", 3), ("b", 4));
        await failed.Task.WaitAsync(Token);
        if (crash)
        {
            await rig.StopAsync(crash: true);
            await rig.StartAsync();
        }
        await rig.AddAsync("orders", commit: true, ("a", 5));
        await OutboxRig.UntilAsync(async () => (await rig.ColumnAsync("topic")).Length == 0);
        Assert.Equal(["a/1", "a/2", "a/3", "b/4", "a/5"], await rig.PublishedAsync(5));

        Exception? Break(string at)
        {
            if (at != step || Interlocked.CompareExchange(ref left, 0, 1) != 1)
                return null;
            failed.TrySetResult();
            return new IOException("The cable was cut.");
        }
    }

    [Fact]
    public async Task Each_is_published_once_though_deleting_fails_again_and_again_while_others_are_added()
    {
        await using var rig = new OutboxRig();
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = 3;
        rig.Fault = Break;
        await rig.StartAsync();
        await rig.AddAsync("orders", commit: true, ("a", 1), ("a", 2));
        await failed.Task.WaitAsync(Token);
        await rig.AddAsync("orders", commit: true, ("a", 3));
        await OutboxRig.UntilAsync(async () => (await rig.ColumnAsync("topic")).Length == 0);
        Assert.Equal(["a/1", "a/2", "a/3"], await rig.PublishedAsync(3));

        Exception? Break(string at)
        {
            if (at != "delete" || Interlocked.Decrement(ref left) < 0)
                return null;
            failed.TrySetResult();
            return new IOException("The file is locked.");
        }
    }

    [Fact]
    public async Task Rows_of_one_identity_are_published_and_do_not_hold_up_others()
    {
        await using var rig = new OutboxRig();
        await rig.StartAsync();
        await rig.AddAsync("nowhere", commit: true, ("a", 1), ("a", 2));
        await OutboxRig.UntilAsync(async () => (await rig.ColumnAsync("error")).All(e => e.Length > 0));
        await using (var connection = await rig.ConnectAsync())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "update weft_outbox set id = zeroblob(16), topic = 'orders', error = null";
            await command.ExecuteNonQueryAsync(Token);
        }
        await OutboxRig.UntilAsync(async () => (await rig.ColumnAsync("topic")).Length == 0);
        await rig.AddAsync("orders", commit: true, ("a", 3));
        Assert.Equal(["a/1", "a/2", "a/3"], await rig.PublishedAsync(3));
    }

    [Fact]
    public async Task What_cannot_be_published_stays_with_its_error_and_the_others_go_on()
    {
        await using var rig = new OutboxRig();
        await rig.StartAsync();
        await rig.AddAsync("bills", commit: true, ("a", 1));
        await using (var connection = await rig.ConnectAsync())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "insert into weft_outbox(topic, event) values ('orders', '{\"specversion\":\"1.0\"}')";
            await command.ExecuteNonQueryAsync(Token);
        }
        await rig.AddAsync("orders", commit: true, ("a", 2));
        Assert.Equal(["a/2"], await rig.PublishedAsync(1));
        await OutboxRig.UntilAsync(async () => (await rig.ColumnAsync("error")).All(e => e.Length > 0));
        var errors = await rig.ColumnAsync("error");
        Assert.Equal(2, errors.Length);
        Assert.Contains("There is no topic 'bills'. Topics: orders.", errors[0], StringComparison.Ordinal);
        Assert.Contains("WEFT4101", errors[1], StringComparison.Ordinal);

        await rig.StopAsync();
        await rig.StartAsync(weft => weft.Topic("bills"));
        Assert.Equal(["a/1"], await rig.PublishedAsync(1, "bills"));
        await OutboxRig.UntilAsync(async () => (await rig.ColumnAsync("topic")).Length == 1);
    }

    [Fact]
    public async Task Key_identity_and_time_go_with_the_event()
    {
        await using var rig = new OutboxRig();
        await rig.StartAsync(weft => weft.Topic("once", new() { Dedupe = TimeSpan.FromHours(1) }));
        await using (var connection = await rig.ConnectAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync(Token);
            await rig.Outbox.AddAsync(transaction, "orders", OutboxRig.New("a", 1), new() { Key = "other" }, cancellation: Token);
            await rig.Outbox.AddAsync(transaction, "orders", OutboxRig.New("a", 2), due: DateTimeOffset.UtcNow.AddHours(1), cancellation: Token);
            await rig.Outbox.AddAsync(transaction, "once", OutboxRig.New("a", 3), new() { DedupeId = "same" }, cancellation: Token);
            await rig.Outbox.AddAsync(transaction, "once", OutboxRig.New("a", 4), new() { DedupeId = "same" }, cancellation: Token);
            await transaction.CommitAsync(Token);
        }
        Assert.Equal(["a/1"], await rig.PublishedAsync(1));
        Assert.Equal(["a/3"], await rig.PublishedAsync(1, "once"));
        var page = new LogEntry[1];
        await (await rig.Log.OpenTopicAsync("orders", Token)).ReadAsync(0, page, Token);
        Assert.Equal("other", System.Text.Encoding.UTF8.GetString(page[0].Key.Span));
        await OutboxRig.UntilAsync(async () => (await rig.ColumnAsync("topic")).Length == 0);
        Assert.Equal("a/2", Assert.Single(await rig.Log.ReadScheduledAsync(new(), Token)).Message.Subject);
    }

    [Fact]
    public async Task The_app_is_told_when_its_transaction_has_ended()
    {
        await using var rig = new OutboxRig();
        await rig.StartAsync();
        await using var connection = await rig.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await transaction.CommitAsync(Token);
        var e = await Assert.ThrowsAsync<ArgumentException>(async () => await rig.Outbox.AddAsync(transaction, "orders", OutboxRig.New("a", 1), cancellation: Token));
        Assert.Contains("before it is committed", e.Message, StringComparison.Ordinal);
    }
}
