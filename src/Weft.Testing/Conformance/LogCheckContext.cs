using System.Text;
using Weft.Flows;

namespace Weft.Testing;

/// <summary>What a check works with: the log, and short words for what checks do all the time.</summary>
internal sealed class LogCheckContext(ILogFixture fixture, IMessageLog log, CancellationToken cancellation) : IAsyncDisposable
{
    /// <summary>The log, which <see cref="ReopenAsync"/> and <see cref="CrashAsync"/> replace.</summary>
    public IMessageLog Log { get; private set; } = log;

    /// <summary>For trims that every subscription holds back.</summary>
    public static IReadOnlySet<string> NoOrphans { get; } = new HashSet<string>();

    public CancellationToken Cancellation => cancellation;

    public DateTimeOffset Now => fixture.Clock.GetUtcNow();

    public void Advance(TimeSpan by) => fixture.Advance(by);

    public async Task ReopenAsync()
    {
        await Log.DisposeAsync().ConfigureAwait(false);
        Log = await fixture.ReopenAsync(cancellation).ConfigureAwait(false);
    }

    public async Task CrashAsync() => Log = await fixture.CrashAsync(cancellation).ConfigureAwait(false);

    public ValueTask<ILogTopic> TopicAsync(string name = "orders") => Log.OpenTopicAsync(name, cancellation);

    public ValueTask<long> AppendAsync(ILogTopic topic, string text, string key = "") =>
        topic.AppendAsync(Text.Message(text), Text.Bytes(key), cancellation);

    /// <summary>Appends the texts "1" to "n", one after another.</summary>
    public async Task AppendManyAsync(ILogTopic topic, int count)
    {
        for (int i = 1; i <= count; i++)
            await AppendAsync(topic, Text.Of(topic.Head + 1)).ConfigureAwait(false);
    }

    /// <summary>Reads all after a position, in pages.</summary>
    public async Task<List<LogEntry>> ReadAllAsync(ILogTopic topic, long after = 0, int pageSize = 100)
    {
        var all = new List<LogEntry>();
        var page = new LogEntry[pageSize];
        while (true)
        {
            int count = await topic.ReadAsync(after, page, cancellation).ConfigureAwait(false);
            Expect.That(count >= 0 && count <= pageSize, $"A read into {pageSize} entries returned {count}.");
            if (count == 0)
                return all;
            all.AddRange(page[..count]);
            after = page[count - 1].Position;
        }
    }

    public ValueTask<ILogSubscription> SubscribeAsync(ILogTopic topic, string name = "billing", SubscriptionStart start = default) =>
        topic.OpenSubscriptionAsync(name, start, cancellation);

    public async Task SettleAsync(ILogSubscription subscription, params IEnumerable<long> positions)
    {
        await using var transaction = Log.Begin();
        foreach (long position in positions)
            transaction.Settle(subscription, position);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    public async Task ParkAsync(ILogSubscription subscription, params IEnumerable<ParkedMessage> messages)
    {
        await using var transaction = Log.Begin();
        foreach (var message in messages)
            transaction.Park(subscription, message);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>A parked message with a time or two that can be told apart.</summary>
    public ParkedMessage Parked(long position, ParkedState state, string key = "", int dueInSeconds = 0) => new()
    {
        Position = position,
        State = state,
        Key = Text.Bytes(key),
        Due = Now.AddSeconds(dueInSeconds),
        Attempts = 1,
        FirstAt = Now,
        LastAt = Now,
        Reason = "status-500",
        Message = Text.Message(Text.Of(position)),
    };

    public async Task<SubscriptionInfo?> FindAsync(string subscription)
    {
        var all = await Log.ListSubscriptionsAsync(cancellation).ConfigureAwait(false);
        return all.SingleOrDefault(s => s.Name == subscription);
    }

    public async Task<long[]> ParkedPositionsAsync(string subscription, ParkedQuery query)
    {
        var found = await Log.ReadParkedAsync(subscription, query, cancellation).ConfigureAwait(false);
        return [.. found.Select(m => m.Position)];
    }

    /// <summary>Runs a body many times at once, each on a thread of its own as far as there are any.</summary>
    public static Task AtOnceAsync(int count, Func<int, Task> body) => Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await body(i).ConfigureAwait(false);
    }));

    public ValueTask DisposeAsync() => Log.DisposeAsync();
}

/// <summary>Messages whose bytes are a short text: a log must not look inside.</summary>
internal static class Text
{
    public static string Of(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static Messages.Message Message(string text) => new(Bytes(text));

    public static string Of(in LogEntry entry) => Encoding.UTF8.GetString(entry.Message.Bytes.Span);
}

/// <summary>Says what was expected and what was found.</summary>
internal static class Expect
{
    public static void That(bool holds, string otherwise)
    {
        if (!holds)
            throw new ConformanceException(otherwise);
    }

    public static void Equal<T>(T expected, T found, string what) =>
        That(EqualityComparer<T>.Default.Equals(expected, found), $"{what}: expected {expected}, found {found}.");

    public static void Sequence<T>(IEnumerable<T> expected, IEnumerable<T> found, string what)
    {
        T[] wanted = [.. expected], had = [.. found];
        That(wanted.SequenceEqual(had), $"{what}: expected [{Show(wanted)}], found [{Show(had)}].");
    }

    public static void Bytes(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> found, string what) => That(
        expected.Span.SequenceEqual(found.Span),
        $"{what}: expected {expected.Length} bytes, found {found.Length}; they differ from byte {expected.Span.CommonPrefixLength(found.Span)} on.");

    /// <summary>Expects an exception of one of the kinds that a log may throw.</summary>
    public static async Task ThrowsAsync<T>(Func<Task> action, string what)
        where T : Exception => await ThrowsAsync(action, e => e is T, typeof(T).Name, what).ConfigureAwait(false);

    /// <summary>Expects that a log which was disposed says so.</summary>
    public static async Task ClosedAsync(Func<Task> action, string what) =>
        await ThrowsAsync(action, e => e is ObjectDisposedException or LogException, "ObjectDisposedException or LogException", what).ConfigureAwait(false);

    private static async Task ThrowsAsync(Func<Task> action, Predicate<Exception> fits, string wanted, string what)
    {
        try
        {
            await action().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ConformanceException)
        {
            That(fits(e), $"{what}: expected {wanted}, found {e.GetType().Name}: {e.Message}");
            return;
        }
        throw new ConformanceException($"{what}: expected {wanted}, found that it was accepted.");
    }

    private static string Show<T>(T[] items) => string.Join(", ", items.Take(20)) + (items.Length > 20 ? $", ... {items.Length} in all" : "");
}
