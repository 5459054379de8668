using System.Buffers.Text;
using System.Text.Unicode;

namespace Weft.Expressions.Library;

/// <summary>Conversions. What does not fit is an error; nothing is rounded silently but int to double.</summary>
internal static partial class StandardLibrary
{
    private static readonly CelValue s_noBool = CelValue.Of(CelError.Argument("The text is no bool: true, false, t, f, 1 and 0 are."));
    private static readonly CelValue s_noInt = CelValue.Of(CelError.Argument("The text is no int: digits with an optional sign, from -2^63 to 2^63 - 1."));
    private static readonly CelValue s_noUInt = CelValue.Of(CelError.Argument("The text is no uint: digits, up to 2^64 - 1."));
    private static readonly CelValue s_noDouble = CelValue.Of(CelError.Argument("The text is no double: digits with optional sign, point and exponent."));
    private static readonly CelValue s_noText = CelValue.Of(CelError.Argument("The bytes are no UTF-8."));
    private static readonly CelValue s_intRange = CelValue.Of(new CelError(CelErrorKind.Arithmetic, "The number is out of the range of int."));
    private static readonly CelValue s_uintRange = CelValue.Of(new CelError(CelErrorKind.Arithmetic, "The number is out of the range of uint."));

    private static void DeclareConversions(Registry registry)
    {
        Convert(registry, "bool", CelType.Bool, "bool_to_bool", CelType.Bool, Same);
        Convert(registry, "bool", CelType.Bool, "string_to_bool", CelType.String, static (_, v) => ToBool(v[0].AsSpan));

        Convert(registry, "bytes", CelType.Bytes, "bytes_to_bytes", CelType.Bytes, Same);
        Convert(registry, "bytes", CelType.Bytes, "string_to_bytes", CelType.String, static (_, v) => ToBytes(v[0].AsSegment));

        Convert(registry, "double", CelType.Double, "double_to_double", CelType.Double, Same);
        Convert(registry, "double", CelType.Double, "int64_to_double", CelType.Int, static (_, v) => CelValue.Of((double)v[0].AsInt));
        Convert(registry, "double", CelType.Double, "string_to_double", CelType.String,
            static (_, v) => DoubleText.TryDouble(v[0].AsSpan, out var value) ? CelValue.Of(value) : s_noDouble);
        Convert(registry, "double", CelType.Double, "uint64_to_double", CelType.UInt, static (_, v) => CelValue.Of((double)v[0].AsUInt));

        Convert(registry, "int", CelType.Int, "int64_to_int64", CelType.Int, Same);
        Convert(registry, "int", CelType.Int, "double_to_int64", CelType.Double, static (_, v) => ToInt(v[0].AsDouble));
        Convert(registry, "int", CelType.Int, "string_to_int64", CelType.String, static (_, v) => ToInt(v[0].AsSpan));
        Convert(registry, "int", CelType.Int, "uint64_to_int64", CelType.UInt,
            static (_, v) => v[0].AsUInt > long.MaxValue ? s_intRange : CelValue.Of((long)v[0].AsUInt));

        Convert(registry, "uint", CelType.UInt, "uint64_to_uint64", CelType.UInt, Same);
        Convert(registry, "uint", CelType.UInt, "double_to_uint64", CelType.Double, static (_, v) => ToUInt(v[0].AsDouble));
        Convert(registry, "uint", CelType.UInt, "int64_to_uint64", CelType.Int,
            static (_, v) => v[0].AsInt < 0 ? s_uintRange : CelValue.Of((ulong)v[0].AsInt));
        Convert(registry, "uint", CelType.UInt, "string_to_uint64", CelType.String, static (_, v) => ToUInt(v[0].AsSpan));

        Convert(registry, "string", CelType.String, "string_to_string", CelType.String, Same);
        Convert(registry, "string", CelType.String, "bool_to_string", CelType.Bool,
            static (frame, v) => frame.Arena.String(v[0].AsBool ? "true"u8 : "false"u8));
        Convert(registry, "string", CelType.String, "bytes_to_string", CelType.Bytes, static (_, v) => ToText(v[0].AsSegment));
        Convert(registry, "string", CelType.String, "double_to_string", CelType.Double, static (frame, v) => ToText(v[0].AsDouble, frame));
        Convert(registry, "string", CelType.String, "int64_to_string", CelType.Int, static (frame, v) => ToText(v[0].AsInt, frame));
        Convert(registry, "string", CelType.String, "uint64_to_string", CelType.UInt, static (frame, v) => ToText(v[0].AsUInt, frame));

        Convert(registry, "dyn", CelType.Dyn, "to_dyn", s_a, Same);
        Convert(registry, "type", CelType.TypeOf(s_a), "type", s_a, static (_, v) => CelValue.Of(ValueOperations.TypeOf(v[0])));
    }

    private static void Convert(Registry registry, string name, CelType to, string id, CelType from, Implementation run) =>
        registry.Global(name, id, [from], to, run);

    private static CelValue Same(Frame frame, ReadOnlySpan<CelValue> values) => values[0];

    private static CelValue ToBool(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("true"u8) || text.SequenceEqual("1"u8) || text.SequenceEqual("t"u8) || text.SequenceEqual("T"u8)
            || text.SequenceEqual("TRUE"u8) || text.SequenceEqual("True"u8))
            return CelValue.True;
        return text.SequenceEqual("false"u8) || text.SequenceEqual("0"u8) || text.SequenceEqual("f"u8) || text.SequenceEqual("F"u8)
            || text.SequenceEqual("FALSE"u8) || text.SequenceEqual("False"u8)
            ? CelValue.False : s_noBool;
    }

    private static CelValue ToBytes(ArraySegment<byte> text) => CelValue.Bytes(text.Array!, text.Offset, text.Count);

    private static CelValue ToInt(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length ? CelValue.Of(value) : s_noInt;

    /// <summary>Cuts off what is behind the point. Both ends of the range are out of it, because they are where rounding to double led.</summary>
    private static CelValue ToInt(double value) =>
        value is > long.MinValue and < 9223372036854775808d ? CelValue.Of((long)value) : s_intRange;

    private static CelValue ToUInt(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && char.IsAsciiDigit((char)text[0]) && Utf8Parser.TryParse(text, out ulong value, out var used) && used == text.Length
            ? CelValue.Of(value) : s_noUInt;

    private static CelValue ToUInt(double value) => value is >= 0 and < 18446744073709551616d ? CelValue.Of((ulong)value) : s_uintRange;

    private static CelValue ToText(ArraySegment<byte> bytes) =>
        Utf8.IsValid(bytes) ? CelValue.String(bytes.Array!, bytes.Offset, bytes.Count) : s_noText;

    private static CelValue ToText(double value, Frame frame)
    {
        Span<byte> text = stackalloc byte[DoubleText.MaxLength];
        return frame.Arena.String(text[..DoubleText.Write(value, text)]);
    }

    private static CelValue ToText(long value, Frame frame)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, text, out var length);
        return frame.Arena.String(text[..length]);
    }

    private static CelValue ToText(ulong value, Frame frame)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, text, out var length);
        return frame.Arena.String(text[..length]);
    }
}
