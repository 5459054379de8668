using System.Diagnostics.CodeAnalysis;

namespace Weft.Messages;

/// <summary>Makes messages of messages.</summary>
internal static class MessageCopy
{
    /// <summary>The message with an attribute set, or set to something else.</summary>
    /// <param name="message">The message; it stays as it is.</param>
    /// <param name="name">The name of the attribute.</param>
    /// <param name="type">The type of its value.</param>
    /// <param name="value">Its value.</param>
    /// <param name="copy">The new message.</param>
    /// <param name="error">Why the attribute cannot be set.</param>
    public static bool TryWith(
        in Message message, ReadOnlySpan<byte> name, AttributeType type, ReadOnlySpan<byte> value, out Message copy, [NotNullWhen(false)] out EventError? error)
    {
        var builder = MessageBuilder.Rent();
        try
        {
            copy = default;
            foreach (var attribute in message.Attributes)
            {
                if (!attribute.Name.SequenceEqual(name) && !builder.TrySet(attribute.Name, attribute.Type, attribute.Value, out error))
                    return false;
            }
            return builder.TrySet(name, type, value, out error) && builder.TryEnd(message.DataKind, message.Data.Span, out copy, out error);
        }
        finally
        {
            builder.Return();
        }
    }
}
