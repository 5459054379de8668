using System.Buffers.Text;
using System.Text.Json;
using Weft.Expressions.Library;

namespace Weft.Expressions;

/// <summary>
/// Values as JSON. What stood in JSON before is copied as it stood there, so that a number that is only copied keeps its digits. Decimals are
/// numbers, bytes are base64, times RFC 3339, durations seconds (<c>1.5s</c>), as in the JSON of protobuf.
/// </summary>
internal static class JsonOutput
{
    // What expressions make may be nested deeper than JSON that was read.
    private const int MaxDepth = 128;

    private static readonly CelError s_notFinite = CelError.Argument("JSON has no number for NaN and infinity.");
    private static readonly CelError s_none = CelError.Argument("An optional without a value cannot be JSON. Mark the entry with '?' to leave it out, or give a value with orValue().");
    private static readonly CelError s_twice = CelError.Argument("A map has two keys that are the same name in JSON, such as 1 and '1'.");
    private static readonly CelError s_tooDeep = new(CelErrorKind.Limit, "The value is nested too deep for JSON.");

    /// <summary>Writes a value.</summary>
    /// <returns>Null, or why it cannot be JSON; what was written until then is to be thrown away.</returns>
    public static CelError? Write(in CelValue value, Frame frame, Utf8JsonWriter json)
    {
        if (TooLong(frame, json) is { } full)
            return full;
        switch (value.Kind)
        {
            case CelKind.Error:
                return value.Error;
            case CelKind.Null:
                json.WriteNullValue();
                return null;
            case CelKind.Bool:
                json.WriteBooleanValue(value.AsBool);
                return null;
            case CelKind.String:
                json.WriteStringValue(value.AsSpan);
                return null;
            case CelKind.Bytes:
                json.WriteBase64StringValue(value.AsSpan);
                return null;
            case CelKind.Type:
                json.WriteStringValue(value.AsType.Name);
                return null;
            case CelKind.Optional:
                return value.AsOptional.HasValue ? Write(value.AsOptional.Value, frame, json) : s_none;
            case CelKind.List or CelKind.Map:
                return WriteAll(value, frame, json);
            case CelKind.Timestamp or CelKind.Duration:
                return WriteTime(value, frame, json);
            default:
                return WriteNumber(value, json);
        }
    }

    /// <summary>
    /// An error when the text is longer than what an evaluation may make. A list may hold another one many times over without taking memory;
    /// written as JSON it does.
    /// </summary>
    public static CelError? TooLong(Frame frame, Utf8JsonWriter json) => json.BytesCommitted + json.BytesPending <= frame.Limits.MaxBytes
        ? null
        : new CelError(CelErrorKind.Limit, $"The expression writes more than {frame.Limits.MaxBytes} bytes of JSON.");

    private static CelError? WriteNumber(in CelValue value, Utf8JsonWriter json)
    {
        if (value.IsJson)
        {
            var start = value.JsonStart;
            json.WriteRawValue(value.JsonBuffer.AsSpan(start, JsonSlice.SkipValue(value.JsonBuffer, start) - start), skipInputValidation: true);
        }
        else if (value.Kind == CelKind.Int)
        {
            json.WriteNumberValue(value.AsInt);
        }
        else if (value.Kind == CelKind.UInt)
        {
            json.WriteNumberValue(value.AsUInt);
        }
        else if (value.Kind == CelKind.Decimal)
        {
            json.WriteNumberValue(value.AsDecimal);
        }
        else if (double.IsFinite(value.AsDouble))
        {
            json.WriteNumberValue(value.AsDouble);
        }
        else
        {
            return s_notFinite;
        }
        return null;
    }

    private static CelError? WriteTime(in CelValue value, Frame frame, Utf8JsonWriter json)
    {
        var text = new TextBuilder(frame.Arena, 32);
        if (value.Kind == CelKind.Timestamp)
            TimeText.AppendTimestamp(ref text, value);
        else
            TimeText.AppendDuration(ref text, value);
        return Write(text.ToValue(), frame, json);
    }

    private static CelError? WriteAll(in CelValue value, Frame frame, Utf8JsonWriter json)
    {
        if (json.CurrentDepth >= MaxDepth)
            return s_tooDeep;
        if (value.IsJson)
        {
            json.WriteRawValue(value.JsonBuffer.AsSpan(value.JsonStart..value.JsonEnd), skipInputValidation: true);
            return null;
        }
        if (value.Kind == CelKind.List)
        {
            json.WriteStartArray();
            foreach (ref readonly var item in value.Items)
            {
                if (Write(item, frame, json) is { } error)
                    return error;
            }
            json.WriteEndArray();
            return null;
        }
        json.WriteStartObject();
        var reader = new MapReader(value, frame.Arena);
        while (reader.Next(out var key, out var item))
        {
            if ((WriteKey(key, value.AsMap, frame, json) ?? Write(item, frame, json)) is { } error)
                return error;
        }
        json.WriteEndObject();
        return null;
    }

    /// <summary>Keys that are no texts become what <c>string()</c> makes of them, unless the map has that text as a key of its own.</summary>
    private static CelError? WriteKey(in CelValue key, CelMap map, Frame frame, Utf8JsonWriter json)
    {
        if (key.Kind == CelKind.String)
        {
            json.WritePropertyName(key.AsSpan);
            return null;
        }
        Span<byte> text = stackalloc byte[24];
        var name = frame.Arena.String(Format(key, text));
        if (name.IsError)
            return name.Error;
        if (map.TryGet(name, out _))
            return s_twice;
        json.WritePropertyName(name.AsSpan);
        return null;
    }

    private static ReadOnlySpan<byte> Format(in CelValue key, Span<byte> into)
    {
        if (key.Kind == CelKind.Bool)
            return key.AsBool ? "true"u8 : "false"u8;
        int length;
        _ = key.Kind == CelKind.UInt ? Utf8Formatter.TryFormat(key.AsUInt, into, out length) : Utf8Formatter.TryFormat(key.AsInt, into, out length);
        return into[..length];
    }
}
