using Weft.Flows;
using Weft.Messages;

namespace Weft.Sqlite.Writing;

/// <summary>The changes of a <see cref="LogTransaction"/>, done in the order in which they were added.</summary>
internal sealed class TransactionOperation : WriteOperation
{
    private readonly List<Change> _changes = [];
    private long _size;
    private bool _appends;

    /// <summary>Whether it need not be synced as long as it appends nothing.</summary>
    internal bool Relaxed { get; set; }

    internal override bool IsRelaxed => Relaxed && !_appends;

    internal override long Size => _size;

    internal bool IsEmpty => _changes.Count == 0;

    public void Append(SqliteTopic topic, Message message, ReadOnlyMemory<byte> key, Once once)
    {
        _changes.Add(new Change { Topic = topic, Message = message, Key = key, Once = once });
        _appends = true;
        _size += message.Bytes.Length + key.Length;
    }

    public void Schedule(SqliteTopic topic, ScheduledMessage message)
    {
        _changes.Add(new Change { Topic = topic, Scheduled = message });
        _appends = true;
        _size += message.Message.Bytes.Length;
    }

    public void Release(SqliteTopic topic, string token)
    {
        _changes.Add(new Change { Topic = topic, Token = token });
        _appends = true;
    }

    public void Checkpoint(string name, ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> expected)
    {
        _changes.Add(new Change { Checkpoint = name, Key = value, Expected = expected });
        _appends = true;
    }

    public void Settle(SqliteSubscription subscription, long position) =>
        _changes.Add(new Change { Subscription = subscription, Position = position });

    public void Park(SqliteSubscription subscription, ParkedMessage message)
    {
        _changes.Add(new Change { Subscription = subscription, Parked = message });
        _size += message.Message.Bytes.Length + message.Notes.Length;
    }

    public void Unpark(SqliteSubscription subscription, long position) =>
        _changes.Add(new Change { Subscription = subscription, Position = position, Unparks = true });

    public void Mark(SqliteSubscription subscription, long upTo) =>
        _changes.Add(new Change { Subscription = subscription, Position = upTo, Marks = true });

    /// <summary>Forgets the changes.</summary>
    public void Clear()
    {
        _changes.Clear();
        (_size, _appends) = (0, false);
    }

    protected override long ApplyCore(WriteSession session)
    {
        foreach (ref readonly var change in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_changes))
        {
            if (change.Subscription is { IsClosed: true } closed)
                throw new RefusedException(SqliteErrors.SubscriptionIsClosed(closed.Name));
            if (change.Checkpoint is { } name && !session.ReadCheckpoint(name).AsSpan().SequenceEqual(change.Expected.Span))
                throw new RefusedException(SqliteErrors.CheckpointMoved(session.Path, name));
        }
        foreach (ref readonly var change in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_changes))
            change.Apply(session);
        return 0;
    }

    private readonly struct Change
    {
        public SqliteTopic? Topic { get; init; }
        public SqliteSubscription? Subscription { get; init; }
        public Message Message { get; init; }
        public ReadOnlyMemory<byte> Key { get; init; }
        public Once Once { get; init; }
        public ScheduledMessage? Scheduled { get; init; }
        public string? Token { get; init; }
        public ParkedMessage? Parked { get; init; }
        public long Position { get; init; }
        public bool Unparks { get; init; }
        public bool Marks { get; init; }
        public string? Checkpoint { get; init; }
        public ReadOnlyMemory<byte> Expected { get; init; }

        public void Apply(WriteSession session)
        {
            if (Scheduled is not null)
                session.Schedule(Topic!, Scheduled);
            else if (Checkpoint is not null)
                session.Checkpoint(Checkpoint, Key.Span);
            else if (Token is not null)
                session.Release(Topic!, Token);
            else if (Topic is not null)
                session.Append(Topic, Message, Key.Span, Once);
            else if (Parked is not null)
                session.Park(Subscription!, Parked);
            else if (Unparks)
                session.Unpark(Subscription!, Position);
            else if (Marks)
                session.Mark(Subscription!, Position);
            else
                session.Settle(Subscription!, Position);
        }
    }
}
