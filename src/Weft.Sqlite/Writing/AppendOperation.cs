using System.Collections.Concurrent;
using Weft.Flows;
using Weft.Messages;

namespace Weft.Sqlite.Writing;

/// <summary>Appends one message; its result is the position.</summary>
internal sealed class AppendOperation : WriteOperation
{
    private static readonly ConcurrentQueue<AppendOperation> s_pool = new();

    private SqliteTopic? _topic;
    private Message _message;
    private ReadOnlyMemory<byte> _key;
    private Once _once;

    internal override long Size => _message.Bytes.Length + _key.Length;

    public static AppendOperation Rent(SqliteTopic topic, Message message, ReadOnlyMemory<byte> key, Once once)
    {
        if (!s_pool.TryDequeue(out var operation))
            operation = new();
        operation._topic = topic;
        operation._message = message;
        operation._key = key;
        operation._once = once;
        return operation;
    }

    protected override long ApplyCore(WriteSession session) => session.Append(_topic!, _message, _key.Span, _once);

    protected override void Recycle()
    {
        _topic = null;
        _message = default;
        _key = default;
        _once = default;
        s_pool.Enqueue(this);
    }
}
