using System.Globalization;
using Weft.Flows;
using Weft.Options;
using Weft.Sqlite;
using Weft.Testing;

namespace Weft.Integration.Tests.Kill;

/// <summary>
/// Kills a process that publishes and delivers, at random moments, many times over one store: every event whose publish
/// returned is handled at least once, in order per key, and none that was not published.
/// </summary>
public sealed class KillTests : IDisposable
{
    private const int Publishers = 16, Stores = 4;

    // WEFT_KILLS says how many kills there are over all stores; 104 when it is not set.
    private static readonly int s_rounds = (int.TryParse(Environment.GetEnvironmentVariable("WEFT_KILLS"), CultureInfo.InvariantCulture, out int kills) ? kills : 104) / Stores;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-kill-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(1, Durability.Os)]
    [InlineData(2, Durability.Os)]
    [InlineData(3, Durability.Sync)]
    [InlineData(4, Durability.Sync)]
    public Task Nothing_accepted_is_lost_by_kills(int seed, Durability durability) => KillAsync(seed, durability, s_rounds, Publishers, app: null);

    [Fact]
    public Task What_was_committed_to_an_outbox_is_published_once_whenever_its_relay_is_killed() =>
        KillAsync(5, Durability.Sync, rounds: 20, publishers: 4, Path.Combine(_directory.FullName, "app.db"));

    private async Task KillAsync(int seed, Durability durability, int rounds, int publishers, string? app)
    {
        var random = new Random(seed);
        var history = new History();
        var open = new HashSet<HistoryEvent>();
        string store = Path.Combine(_directory.FullName, "kill.db");

        for (int round = 1; round <= rounds; round++)
        {
            using var target = KillTarget.Start(store, durability, round, publishers, history, open, app: app);
            // Some die while they start and recover, the others in the middle of their work.
            if (random.Next(5) == 0)
            {
                await Task.Delay(random.Next(20, 400), Token);
            }
            else
            {
                int wanted = random.Next(1, 2000);
                Assert.True(await target.ListenAsync(lines => lines >= wanted, Token) == wanted, "The process ended by itself.");
            }
            await target.KillAsync(Token);
        }

        using (var last = KillTarget.Start(store, durability, rounds + 1, publishers: 0, history, open, app: app))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
            limit.CancelAfter(TimeSpan.FromMinutes(1));
            try
            {
                await last.ListenAsync(_ => open.Count == 0, limit.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !Token.IsCancellationRequested)
            {
                Assert.Fail($"{open.Count} events were accepted and are not handled, such as {open.First()}.");
            }
            Assert.Equal(0, await last.StopAsync(Token));
        }
        var verdict = history.Check();
        verdict.ThrowIfViolated();
        TestContext.Current.TestOutputHelper!.WriteLine($"{s_rounds} kills: {verdict}");
        Assert.True(verdict.Acknowledged > 1000, $"Only {verdict}, which shows little.");
        await CheckStoreAsync(store, verdict.Acknowledged);
    }

    [Fact]
    public async Task An_event_that_ends_its_process_is_a_dead_letter_after_three_crashes_and_the_others_are_handled()
    {
        var (history, open) = (new History(), new HashSet<HistoryEvent>());
        string store = Path.Combine(_directory.FullName, "poison.db");
        await using (var log = SqliteMessageLog.Open(store, Durability.Sync, TimeProvider.System))
        {
            var topic = await log.OpenTopicAsync("orders", Token);
            for (int i = 0; i < 8; i++)
                await topic.AppendAsync(Messages.Message.CreateBytes(i == 3 ? "Poison" : "OrderCreated", "/kill", new byte[8], "application/octet-stream", subject: $"{i} 0 0", partitionKey: $"{i}"), "key"u8.ToArray(), Token);
        }
        for (int crash = 1; crash <= 3; crash++)
        {
            using var target = KillTarget.Start(store, Durability.Sync, crash, publishers: 0, history, open, crashes: 3);
            await target.ListenAsync(_ => false, Token);
            history.Crashed();
        }
        using (var last = KillTarget.Start(store, Durability.Sync, 4, publishers: 0, history, open, crashes: 3))
        {
            await last.ListenAsync(lines => lines >= 2 * 4, Token);
            Assert.Equal(0, await last.StopAsync(Token));
        }
        await using var read = SqliteMessageLog.Open(store, Durability.Sync, TimeProvider.System);
        var dead = Assert.Single(await read.ReadParkedAsync("billing", new(ParkedState.Dead), Token));
        Assert.Equal((4L, "crash"), (dead.Position, dead.Reason));
        var subscription = Assert.Single(await read.ListSubscriptionsAsync(Token));
        Assert.Equal((8L, 0L, 0L), (subscription.Low, subscription.Retrying, subscription.Behind));
    }

    // What the log itself says: no gap, and nothing left over for the subscription but what no one was told of.
    private static async Task CheckStoreAsync(string store, int acknowledged)
    {
        await using var log = SqliteMessageLog.Open(store, Durability.Sync, TimeProvider.System);
        var topic = await log.OpenTopicAsync("orders", Token);
        var page = new LogEntry[256];
        var subjects = new HashSet<string>();
        long next = 1;
        for (int count; (count = await topic.ReadAsync(next - 1, page, Token)) > 0;)
        {
            foreach (var entry in page[..count])
            {
                Assert.Equal(next++, entry.Position);
                Assert.True(subjects.Add(entry.Message.Subject!), $"{entry.Message.Subject} is stored twice.");
            }
        }
        Assert.Equal(topic.Head, next - 1);
        Assert.True(topic.Head >= acknowledged, string.Create(CultureInfo.InvariantCulture, $"{acknowledged} were accepted and {topic.Head} are stored."));
        var subscription = Assert.Single(await log.ListSubscriptionsAsync(Token));
        Assert.Equal(0, subscription.Dead);
    }
}
