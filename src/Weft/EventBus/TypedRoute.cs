using System.Text;
using System.Text.Json.Serialization.Metadata;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>What is done with the events of one type.</summary>
internal abstract class TypedRoute(string type)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(type);

    /// <summary>The CloudEvents type.</summary>
    public string Type => type;

    /// <summary>Whether the events of that type are meant.</summary>
    public bool Takes(ReadOnlySpan<byte> utf8) => utf8.SequenceEqual(_utf8);

    /// <summary>Handles one.</summary>
    public abstract ValueTask HandleAsync(Message message, DeliveryContext delivery, CancellationToken cancellation);
}

/// <inheritdoc/>
internal sealed class TypedRoute<T>(EventShape shape, TypedHandler<T> handler) : TypedRoute(shape.Name)
{
    private readonly JsonTypeInfo<T> _json = (JsonTypeInfo<T>)shape.Json;

    /// <inheritdoc/>
    public override ValueTask HandleAsync(Message message, DeliveryContext delivery, CancellationToken cancellation) =>
        handler(EventReading.Read(message, _json), delivery, cancellation);
}
