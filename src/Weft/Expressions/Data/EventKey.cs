using System.Globalization;
using System.Text;
using Weft.Messages;

namespace Weft.Expressions.Data;

/// <summary>
/// What a value is as the key of an event: texts as they are, numbers by their digits (<c>1</c> and <c>1.0</c> differ), <c>true</c> and
/// <c>false</c>, times as RFC 3339. Null, lists, maps and errors are no key, which means that the event has no order.
/// </summary>
internal static class EventKey
{
    private static readonly ReadOnlyMemory<byte> s_true = "true"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> s_false = "false"u8.ToArray();

    /// <summary>The key of a message: a slice of it where the value stands there, else memory of its own; empty for none.</summary>
    public static ReadOnlyMemory<byte> Bytes(in CelValue value, in Message message)
    {
        if (value.Kind == CelKind.Bool)
            return value.AsBool ? s_true : s_false;
        if (Digits(value) is { } digits)
            return digits.Array == EventSlots.Buffer(message.Bytes).Array ? digits : digits.ToArray();
        return Text(value) is { } text ? Encoding.UTF8.GetBytes(text) : default;
    }

    /// <summary>The key as text; null for none.</summary>
    public static string? Text(in CelValue value)
    {
        if (Digits(value) is { } digits)
            return digits.Count == 0 ? null : Encoding.UTF8.GetString(digits);
        return value.Kind switch
        {
            CelKind.Bool => value.AsBool ? "true" : "false",
            CelKind.Int or CelKind.UInt or CelKind.Double or CelKind.Decimal => string.Create(CultureInfo.InvariantCulture, $"{value.ToObject()}"),
            CelKind.Timestamp => string.Create(CultureInfo.InvariantCulture, $"{value.ToObject():O}"),
            CelKind.Duration => string.Create(CultureInfo.InvariantCulture, $"{value.ToObject():c}"),
            CelKind.Optional => value.AsOptional.HasValue ? Text(value.AsOptional.Value) : null,
            _ => null,
        };
    }

    /// <summary>The text of a value that is one already.</summary>
    private static ArraySegment<byte>? Digits(in CelValue value)
    {
        if (value.Kind == CelKind.String)
            return value.AsSegment;
        if (!value.IsJson || !Numbers.IsNumber(value.Kind))
            return null;
        var start = value.JsonStart;
        return new ArraySegment<byte>(value.JsonBuffer, start, JsonSlice.SkipValue(value.JsonBuffer, start) - start);
    }
}
