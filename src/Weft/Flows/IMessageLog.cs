using Weft.Messages;

namespace Weft.Flows;

/// <summary>
/// A durable log of messages by topic, and the progress of everybody who reads it. This is all that a store has to give:
/// order per key, retries, pauses and dead letters are made from it by <c>LogSource</c>, once for all stores.
/// Safe for use from many threads.
/// </summary>
public interface IMessageLog : IAsyncDisposable
{
    /// <summary>What this log can do. Constant.</summary>
    LogCapabilities Capabilities { get; }

    /// <summary>Opens a topic and creates it when it is new.</summary>
    /// <exception cref="LogException">The store cannot be used.</exception>
    ValueTask<ILogTopic> OpenTopicAsync(string name, CancellationToken cancellation);

    /// <summary>Begins a transaction over topics and subscriptions of this log.</summary>
    LogTransaction Begin();

    /// <summary>All subscriptions that the store knows, those that no file names any more included.</summary>
    ValueTask<IReadOnlyList<SubscriptionInfo>> ListSubscriptionsAsync(CancellationToken cancellation);

    /// <summary>Forgets a subscription that is not open: its cursor, what it has parked and its dead letters.</summary>
    /// <returns>False when there is none of that name.</returns>
    /// <exception cref="LogException">It is open.</exception>
    ValueTask<bool> RemoveSubscriptionAsync(string name, CancellationToken cancellation);

    /// <summary>Moves a subscription that is not open to another place, as if nothing had been under way. What it has parked stays parked.</summary>
    /// <returns>False when there is none of that name.</returns>
    /// <exception cref="LogException">It is open.</exception>
    ValueTask<bool> SeekAsync(string name, SubscriptionStart start, CancellationToken cancellation);

    /// <summary>
    /// Reads what a subscription has parked, whether it is open or not, in the order of (due, position) for
    /// <see cref="ParkedState.Retry"/> and of position otherwise. Sees everything that was committed before the call.
    /// </summary>
    ValueTask<IReadOnlyList<ParkedMessage>> ReadParkedAsync(string subscription, ParkedQuery query, CancellationToken cancellation);

    /// <summary>Reads messages that wait for their time, in the order of (due, token). Sees everything that was committed before the call.</summary>
    ValueTask<IReadOnlyList<ScheduledMessage>> ReadScheduledAsync(ScheduledQuery query, CancellationToken cancellation);

    /// <summary>Takes a scheduled message back.</summary>
    /// <returns>False when there is none of that token: it was released or taken back before.</returns>
    ValueTask<bool> UnscheduleAsync(string token, CancellationToken cancellation);

    /// <summary>
    /// Whether a subscription is past a position, be it open or not: what stands there is settled or parked, or the subscription began
    /// behind it. Sees everything that was committed before the call. False when there is no subscription of that name.
    /// </summary>
    ValueTask<bool> HasPassedAsync(string subscription, long position, CancellationToken cancellation);

    /// <summary>Reads what <see cref="LogTransaction.Checkpoint"/> set last; empty when it never did. Sees everything that was committed before the call.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadCheckpointAsync(string name, CancellationToken cancellation);

    /// <summary>Drops dead letters whose last try failed before <paramref name="before"/>.</summary>
    /// <returns>How many were dropped.</returns>
    ValueTask<long> PurgeDeadAsync(string subscription, DateTimeOffset before, CancellationToken cancellation);

    /// <summary>
    /// Asks the process that reads a subscription on a shard, since it alone may change what is parked there. It may have done what it was asked
    /// also when this throws.
    /// </summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="request">What the other's <see cref="Answer"/> is given.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Its answer; null when nobody else reads it, so that the caller can open it.</returns>
    /// <exception cref="LogException">There is no answer within 30 s.</exception>
    ValueTask<ReadOnlyMemory<byte>?> AskAsync(string subscription, int shard, ReadOnlyMemory<byte> request, CancellationToken cancellation) => new((ReadOnlyMemory<byte>?)null);

    /// <summary>Says who answers what other processes ask of this one: given the subscription and the request, one at a time. A log of one process is never asked.</summary>
    void Answer(Func<string, ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> answer)
    {
    }
}

/// <summary>
/// A topic of a log. Positions start at 1, are dense and follow the order of commits. A log that several processes share may
/// keep a topic in several shards: then each of <see cref="Shards"/> has its own positions and is read by itself, and the topic
/// as a whole takes messages, which it puts into the shard of their key, and trims. No two shards have a position in common.
/// </summary>
public interface ILogTopic
{
    /// <summary>The name.</summary>
    string Name { get; }

    /// <summary>The parts that are read by themselves; the topic itself when it is not divided.</summary>
    IReadOnlyList<ILogTopic> Shards => [this];

    /// <summary>Which of the shards this is, from 0.</summary>
    int Shard => 0;

    /// <summary>The shard that a position is of.</summary>
    int ShardOf(long position) => 0;

    /// <summary>The position of the last durable message; 0 when there never was one. Of a divided topic, how many messages there were.</summary>
    long Head { get; }

    /// <summary>
    /// Appends a message. When this returns it is durable as the log promises, and it has its place among all others. Many
    /// callers share one commit; none waits for a timer. When it throws, whether the message was stored is unknown.
    /// A full queue waits; nothing is dropped.
    /// </summary>
    /// <param name="message">The message; its bytes must not change until this returns.</param>
    /// <param name="key">What must stay in order; empty for none. Must not change until this returns.</param>
    /// <param name="cancellation">Gives up waiting; the message may be stored all the same.</param>
    /// <param name="once">Whether to leave it out when it was appended before; default never.</param>
    /// <returns>Its position, or that of the one before.</returns>
    /// <exception cref="LogException">The store could not write; the code says why.</exception>
    ValueTask<long> AppendAsync(Message message, ReadOnlyMemory<byte> key, CancellationToken cancellation, Once once = default);

    /// <summary>
    /// Reads messages after a position, in order. What is past <see cref="Head"/> is never given; what was trimmed is passed over.
    /// </summary>
    /// <param name="after">The position before the first one wanted.</param>
    /// <param name="into">Where to put them.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How many were put; fewer than fit only at the end of the log or of a page.</returns>
    ValueTask<int> ReadAsync(long after, Memory<LogEntry> into, CancellationToken cancellation);

    /// <summary>Waits until <see cref="Head"/> is greater than <paramref name="after"/>. No polling.</summary>
    ValueTask WaitAsync(long after, CancellationToken cancellation);

    /// <summary>Creates a subscription when it is new, on all shards, whoever reads it.</summary>
    /// <param name="name">The durable name, unique in the log.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LogException">The name belongs to another topic.</exception>
    async ValueTask CreateSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation)
    {
        var created = await OpenSubscriptionAsync(name, start, cancellation).ConfigureAwait(false);
        await created.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Returns when this process is to open the subscription on this shard: at once when the store has one process, and
    /// otherwise when the shard has fallen to this one and nobody else reads it. As long as somebody waits, or has the subscription
    /// open, this process counts among those that share its shards.
    /// </summary>
    ValueTask WaitForTurnAsync(string subscription, CancellationToken cancellation) => default;

    /// <summary>
    /// Opens a subscription for reading, and creates it when it is new. One opener at a time, of all processes: a second one is refused.
    /// </summary>
    /// <param name="name">The durable name, unique in the log.</param>
    /// <param name="start">Where a new subscription begins; an existing one goes on where it was.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LogException">The name belongs to another topic, or somebody reads it already.</exception>
    ValueTask<ILogSubscription> OpenSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation);

    /// <summary>
    /// Drops messages appended before <paramref name="before"/> that every subscription has passed, and forgets identities whose
    /// window is over, in slices, so that publishers hardly notice.
    /// </summary>
    /// <param name="before">Younger ones stay.</param>
    /// <param name="orphans">Subscriptions that hold nothing back, open or not.</param>
    /// <param name="cancellation">Gives up between two slices.</param>
    /// <returns>How many messages were dropped.</returns>
    ValueTask<long> TrimAsync(DateTimeOffset before, IReadOnlySet<string> orphans, CancellationToken cancellation);
}

/// <summary>The progress of one subscription.</summary>
public interface ILogSubscription : IAsyncDisposable
{
    /// <summary>The durable name.</summary>
    string Name { get; }

    /// <summary>The topic it reads.</summary>
    ILogTopic Topic { get; }

    /// <summary>How far it had come when it was opened.</summary>
    Cursor Opened { get; }

    /// <summary>The keys that had a parked message, dead letters aside, when it was opened.</summary>
    IReadOnlyList<ParkedKey> ParkedKeys { get; }

    /// <summary>
    /// Up to where messages may have been worked on when it was opened, as <see cref="LogTransaction.Mark"/> noted last; 0 for nowhere. Whoever
    /// ends well leaves 0, so otherwise a process has crashed or lost the subscription, and one of these messages may be why.
    /// </summary>
    long UnderWay { get; }

    /// <summary>
    /// Cancelled when another process is to read on: what is under way should finish, and the subscription be closed then. Never
    /// cancelled by a log of one process.
    /// </summary>
    CancellationToken Leaving => default;

    /// <summary>
    /// Cancelled when another process may read by now: nothing of this opener is stored any more, and it should stop at once.
    /// Never cancelled by a log of one process.
    /// </summary>
    CancellationToken Lost => default;

    /// <summary>
    /// Whether the message that is about to be handed out may be: false once another process may read by the clock of this one, also when nobody
    /// has noticed yet because this process was stopped. Always true of a log of one process.
    /// </summary>
    bool IsHeld => true;
}

/// <summary>
/// A transaction on a log: all of what was added, or nothing. After a commit, failed or not, it is empty and can be used
/// again. Allocates nothing for what it holds once it has grown.
/// </summary>
public abstract class LogTransaction : CommitScope
{
    /// <summary>
    /// Whether a commit without messages may return while a power cut could still undo it. It survives the end of the
    /// process, keeps its place among all commits, and is as safe as the next one that is not relaxed once that returned.
    /// For progress alone: what a power cut takes of it is delivered again, and publishers need not wait for its sync.
    /// Default false; a log may make no difference.
    /// </summary>
    public bool Relaxed { get; set; }

    /// <summary>Adds a message to a topic of the same log.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="message">The message; its bytes must not change until the commit has returned.</param>
    /// <param name="key">What must stay in order; empty for none. Must not change until the commit has returned.</param>
    /// <param name="once">Whether to leave it out when it was appended before; default never.</param>
    public abstract void Append(ILogTopic topic, Message message, ReadOnlyMemory<byte> key, Once once = default);

    /// <summary>Keeps a message until its time, in place of the one of the same token if there is one.</summary>
    public abstract void Schedule(ILogTopic topic, ScheduledMessage message);

    /// <summary>
    /// Appends a scheduled message to its topic and forgets that it was scheduled; does nothing when another has done so or it was taken back.
    /// </summary>
    public abstract void Release(ILogTopic topic, string token);

    /// <summary>
    /// Sets how far something outside is that feeds this log: committed with the messages that came of it, it makes them come once. When it
    /// is not as expected any more, since somebody else has gone on, the commit fails with <c>WEFT3016</c> and nothing of it is written.
    /// </summary>
    /// <param name="name">Whose it is, 1 to 200 characters, unique in the log.</param>
    /// <param name="value">At most 64 KB. Must not change until the commit has returned.</param>
    /// <param name="expected">What it was before; empty for never set. Must not change until the commit has returned.</param>
    public abstract void Checkpoint(string name, ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> expected);

    /// <summary>
    /// Marks a position of the topic as settled for a subscription. The log keeps the marks of committed transactions in a
    /// <see cref="CursorTracker"/> and stores the cursor once per commit, however many marks there were.
    /// </summary>
    public abstract void Settle(ILogSubscription subscription, long position);

    /// <summary>Parks a message, or replaces it when its position is parked already.</summary>
    public abstract void Park(ILogSubscription subscription, ParkedMessage message);

    /// <summary>Takes a parked message away.</summary>
    public abstract void Unpark(ILogSubscription subscription, long position);

    /// <summary>
    /// Notes that messages up to a position may be worked on from here on, and 0 that none are any more, for whoever opens the subscription
    /// next: <see cref="ILogSubscription.UnderWay"/>.
    /// </summary>
    public abstract void Mark(ILogSubscription subscription, long upTo);
}

/// <summary>A message of a log.</summary>
/// <param name="Position">Its place in the topic.</param>
/// <param name="AppendedAt">When it was appended, by the clock of the process that did.</param>
/// <param name="Message">The message.</param>
/// <param name="Key">What must stay in order; empty for none.</param>
public readonly record struct LogEntry(long Position, DateTimeOffset AppendedAt, Message Message, ReadOnlyMemory<byte> Key);

/// <summary>How far a subscription has come: everything up to <paramref name="Low"/>, and what <paramref name="Above"/> marks.</summary>
/// <param name="Low">All positions up to this one are settled or parked.</param>
/// <param name="Above">Bit i (least significant first) of byte n says that position Low + 1 + 8n + i is settled too.</param>
public readonly record struct Cursor(long Low, ReadOnlyMemory<byte> Above)
{
    /// <summary>Whether a position is settled or parked.</summary>
    public bool Contains(long position)
    {
        long bit = position - Low - 1;
        return bit < 0 || (bit >> 3 < Above.Length && (Above.Span[(int)(bit >> 3)] & (1 << (int)(bit & 7))) != 0);
    }
}

/// <summary>Where a new subscription begins.</summary>
/// <param name="At">Null for the end of the log; otherwise the first message appended at or after this time.</param>
public readonly record struct SubscriptionStart(DateTimeOffset? At)
{
    /// <summary>Only what is appended from now on.</summary>
    public static SubscriptionStart New => default;

    /// <summary>Everything that the log still has.</summary>
    public static SubscriptionStart Beginning => new(DateTimeOffset.MinValue);
}

/// <summary>Why a message stands beside the log.</summary>
public enum ParkedState : byte
{
    /// <summary>It waits for its next try.</summary>
    Retry,

    /// <summary>It is a dead letter.</summary>
    Dead,

    /// <summary>It waits behind another of the same key.</summary>
    Behind,
}

/// <summary>A message that a subscription could not settle in passing. It carries its own copy, so that the log may go.</summary>
public sealed record ParkedMessage
{
    /// <summary>Its place in the topic.</summary>
    public required long Position { get; init; }

    /// <summary>Why it stands here.</summary>
    public required ParkedState State { get; init; }

    /// <summary>What must stay in order; empty for none.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Not before when it is tried again.</summary>
    public DateTimeOffset Due { get; init; }

    /// <summary>How many tries were made.</summary>
    public int Attempts { get; init; }

    /// <summary>When the first try failed; for one that stands behind another, when it was parked.</summary>
    public DateTimeOffset FirstAt { get; init; }

    /// <summary>When the last try failed.</summary>
    public DateTimeOffset LastAt { get; init; }

    /// <summary>The reason of the last failure, a short stable word.</summary>
    public string? Reason { get; init; }

    /// <summary>What a person needs to understand it.</summary>
    public string? Detail { get; init; }

    /// <summary>What is noted beside it: earlier failures, and the original of one that was edited. A store keeps the bytes and never looks inside.</summary>
    public ReadOnlyMemory<byte> Notes { get; init; }

    /// <summary>The message, byte for byte as it was appended, unless an operator changed it.</summary>
    public required Message Message { get; init; }
}

/// <summary>A key that messages are parked for.</summary>
/// <param name="Key">The key, not empty.</param>
/// <param name="Retry">The position of the one that waits for its next try; 0 when there is none.</param>
/// <param name="Behind">How many wait behind it.</param>
public readonly record struct ParkedKey(ReadOnlyMemory<byte> Key, long Retry, int Behind);

/// <summary>Which parked messages.</summary>
/// <param name="State">In which state.</param>
/// <param name="DueBefore">For retries, due at or before.</param>
/// <param name="Key">Only of this key.</param>
/// <param name="After">Only at greater positions.</param>
/// <param name="Limit">How many at most.</param>
/// <param name="UpTo">Only at positions up to this one.</param>
/// <param name="Shard">Only of this shard; null for all. A log without shards need not look at it.</param>
public readonly record struct ParkedQuery(
    ParkedState State, DateTimeOffset? DueBefore = null, ReadOnlyMemory<byte>? Key = null, long After = 0, int Limit = 100, long UpTo = long.MaxValue, int? Shard = null);

/// <summary>A subscription as the store knows it.</summary>
/// <param name="Name">Its durable name.</param>
/// <param name="Topic">The topic it reads.</param>
/// <param name="Low">Everything up to here is settled or parked; the sum over the shards of a divided topic.</param>
/// <param name="Head">The last position of the topic; the sum over the shards of a divided one.</param>
/// <param name="Retrying">How many wait for their next try.</param>
/// <param name="Behind">How many wait behind another of the same key.</param>
/// <param name="Dead">How many dead letters it has.</param>
/// <param name="UpdatedAt">When its cursor moved last.</param>
public sealed record SubscriptionInfo(string Name, string Topic, long Low, long Head, long Retrying, long Behind, long Dead, DateTimeOffset UpdatedAt);

/// <summary>What a log can do. A file that asks for more is refused at start.</summary>
/// <param name="Durability">What an append that returned survives.</param>
/// <param name="Replay">Whether a new subscription can begin in the past.</param>
/// <param name="Transactions">Whether appends and cursors of one transaction are one.</param>
/// <param name="Browse">Whether parked messages can be listed.</param>
public sealed record LogCapabilities(Options.Durability Durability, bool Replay, bool Transactions, bool Browse);
