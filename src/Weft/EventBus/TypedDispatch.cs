using System.Text;
using Microsoft.Extensions.Logging;
using Weft.Diagnostics;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>Gives each event of a subscription to what handles its type. Allocates nothing per event.</summary>
internal sealed partial class TypedDispatch(string subscription, TypedRoute[] routes, HandlerBuilder plan, ILogger logger)
{
    // Types that are named in the log: a publisher could make up as many as it likes.
    private const int NamedTypes = 16;

    private readonly KeyValuePair<string, object?> _flow = new("flow", subscription);
    private readonly Lock _lock = new();
    private readonly string _handled = string.Join(", ", routes.Select(r => r.Type));
    private byte[][] _named = [];

    /// <summary>Handles one.</summary>
    public ValueTask HandleAsync(Message message, DeliveryContext delivery, CancellationToken cancellation)
    {
        message.TryGet("type"u8, out var type);
        foreach (var route in routes)
        {
            if (route.Takes(type))
                return route.HandleAsync(message, delivery, cancellation);
        }
        if (plan.Others is { } others)
            return others(message, delivery, cancellation);
        if (plan.IsStrict)
            throw new WrongTypeException($"The event's type is '{Encoding.UTF8.GetString(type)}'; the handler is strict and takes {_handled}.");
        Skip(type, delivery.Position);
        return default;
    }

    private void Skip(ReadOnlySpan<byte> type, long position)
    {
        WeftMeter.SkippedEvents.Add(1, _flow);
        if (IsNamed(type))
            return;
        lock (_lock)
        {
            if (IsNamed(type))
                return;
            _named = [.. _named, type.ToArray()];
        }
        string name = Encoding.UTF8.GetString(type);
        LogSkipped(logger, subscription, position, name.Length > 200 ? name[..200] : name, _handled);
    }

    private bool IsNamed(ReadOnlySpan<byte> type)
    {
        byte[][] named = Volatile.Read(ref _named);
        foreach (byte[] one in named)
        {
            if (type.SequenceEqual(one))
                return true;
        }
        return named.Length >= NamedTypes;
    }

    [LoggerMessage(4030, LogLevel.Information, "{Subscription}: the event at position {Position} has the type '{Type}' and the handler takes {Handled}, so it is done without being handled. Said once for each type; all are counted.")]
    private static partial void LogSkipped(ILogger logger, string subscription, long position, string type, string handled);
}
