namespace Weft.Messages;

/// <summary>
/// The item of the bus: a CloudEvents 1.0 event, kept as the bytes in which it is stored. Nothing is parsed until somebody
/// asks. A message is immutable; it does not own its bytes, which live as long as the page or buffer they were read into.
/// </summary>
/// <remarks>Safe for use from many threads. Follows the CloudEvents 1.0.2 specification.</remarks>
public readonly partial struct Message
{
    /// <summary>Reads a message from the bytes that <see cref="Bytes"/> gave earlier. The bytes are not copied and must not change.</summary>
    public Message(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    /// <summary>The whole message as it is stored; the format is Weft's own and versioned by its first byte.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }
}
