using System.Collections.Concurrent;
using Weft.Messages;

namespace Weft.Sqlite.Writing;

/// <summary>Appends one message; its result is the position.</summary>
internal sealed class AppendOperation : WriteOperation
{
    private static readonly ConcurrentQueue<AppendOperation> s_pool = new();

    private SqliteTopic? _topic;
    private Message _message;
    private ReadOnlyMemory<byte> _key;

    internal override long Size => _message.Bytes.Length + _key.Length;

    public static AppendOperation Rent(SqliteTopic topic, Message message, ReadOnlyMemory<byte> key)
    {
        if (!s_pool.TryDequeue(out var operation))
            operation = new();
        operation._topic = topic;
        operation._message = message;
        operation._key = key;
        return operation;
    }

    protected override long ApplyCore(WriteSession session) => session.Append(_topic!, _message, _key.Span);

    protected override void Recycle()
    {
        _topic = null;
        _message = default;
        _key = default;
        s_pool.Enqueue(this);
    }
}
