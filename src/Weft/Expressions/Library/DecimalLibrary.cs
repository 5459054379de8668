using System.Buffers;
using System.Globalization;

namespace Weft.Expressions.Library;

/// <summary>
/// Weft's exact decimal numbers, for money: conversions and rounding. Not part of CEL. Operators are in <see cref="MixedNumbers"/>.
/// </summary>
/// <remarks>
/// A decimal has up to 28 digits and keeps the zeros behind the point: <c>decimal('1.50')</c> is <c>1.50</c> as text, and equal to
/// <c>decimal('1.5')</c>. A double becomes the decimal that its text shows; a number of JSON the one that stands there, digit by digit.
/// </remarks>
internal static class DecimalLibrary
{
    private const int MaxPlaces = 28;

    private static readonly SearchValues<byte> s_numberLetters = SearchValues.Create("0123456789+-.eE"u8);

    private static readonly CelValue s_noDecimal = CelValue.Of(CelError.Argument(
        "The text is no decimal: digits with optional sign, point and exponent, up to 28 digits and 28 behind the point."));

    private static readonly CelValue s_doubleRange = CelValue.Of(new CelError(CelErrorKind.Arithmetic,
        "The double has no exact decimal: up to 28 digits and 28 behind the point are allowed."));

    private static readonly CelValue s_intRange = CelValue.Of(new CelError(CelErrorKind.Arithmetic, "The decimal is out of the range of int."));
    private static readonly CelValue s_uintRange = CelValue.Of(new CelError(CelErrorKind.Arithmetic, "The decimal is out of the range of uint."));
    private static readonly CelValue s_places = CelValue.Of(CelError.Argument("round() keeps 0 to 28 digits behind the point."));

    private static readonly CelValue s_mode = CelValue.Of(CelError.Argument(
        "round() knows the modes halfEven, halfUp, up, down, floor and ceiling."));

    public static void Register(Registry registry)
    {
        registry.Type("decimal", CelType.Decimal);
        DeclareConversions(registry);

        CelType number = CelType.Decimal, whole = CelType.Int;
        registry.Member("round", "decimal_round", [number], number, static (_, v) => CelValue.Of(decimal.Round(v[0].AsDecimal)));
        registry.Member("round", "decimal_round_int", [number, whole], number, static (_, v) => Round(v[0].AsDecimal, v[1].AsInt, "halfEven"u8));
        registry.Member("round", "decimal_round_int_string", [number, whole, CelType.String], number,
            static (_, v) => Round(v[0].AsDecimal, v[1].AsInt, v[2].AsSpan));
        registry.Member("scale", "decimal_scale", [number], whole, static (_, v) => CelValue.Of((long)v[0].AsDecimal.Scale));
        registry.Member("abs", "decimal_abs", [number], number, static (_, v) => CelValue.Of(Math.Abs(v[0].AsDecimal)));
        registry.Member("floor", "decimal_floor", [number], number, static (_, v) => CelValue.Of(decimal.Floor(v[0].AsDecimal)));
        registry.Member("ceil", "decimal_ceil", [number], number, static (_, v) => CelValue.Of(decimal.Ceiling(v[0].AsDecimal)));
        registry.Member("trunc", "decimal_trunc", [number], number, static (_, v) => CelValue.Of(decimal.Truncate(v[0].AsDecimal)));
    }

    private static void DeclareConversions(Registry registry)
    {
        CelType number = CelType.Decimal;
        registry.Global("decimal", "decimal_to_decimal", [number], number, static (_, v) => v[0]);
        registry.Global("decimal", "int64_to_decimal", [CelType.Int], number, static (_, v) => CelValue.Of((decimal)v[0].AsInt));
        registry.Global("decimal", "uint64_to_decimal", [CelType.UInt], number, static (_, v) => CelValue.Of((decimal)v[0].AsUInt));
        registry.Global("decimal", "double_to_decimal", [CelType.Double], number, static (_, v) => FromDouble(v[0]));
        registry.Global("decimal", "string_to_decimal", [CelType.String], number,
            static (_, v) => DecimalText.TryParse(v[0].AsSpan, out var value) ? CelValue.Of(value) : s_noDecimal);
        registry.Global("string", "decimal_to_string", [number], CelType.String, static (frame, v) => DecimalText.ToText(v[0].AsDecimal, frame));
        registry.Global("double", "decimal_to_double", [number], CelType.Double, static (_, v) => CelValue.Of(DecimalText.ToDouble(v[0].AsDecimal)));
        registry.Global("int", "decimal_to_int64", [number], CelType.Int, static (_, v) => ToInt(decimal.Truncate(v[0].AsDecimal)));
        registry.Global("uint", "decimal_to_uint64", [number], CelType.UInt, static (_, v) => ToUInt(decimal.Truncate(v[0].AsDecimal)));
    }

    private static CelValue FromDouble(in CelValue number)
    {
        Span<byte> shortest = stackalloc byte[DoubleText.MaxLength];
        scoped ReadOnlySpan<byte> text;
        if (number.IsJson)
        {
            text = number.JsonBuffer.AsSpan(number.JsonStart);
            var end = text.IndexOfAnyExcept(s_numberLetters);
            text = end < 0 ? text : text[..end];
        }
        else
        {
            number.AsDouble.TryFormat(shortest, out var length, "R", CultureInfo.InvariantCulture);
            text = shortest[..length];
        }
        return DecimalText.TryParse(text, out var value) ? CelValue.Of(value) : s_doubleRange;
    }

    private static CelValue ToInt(decimal whole) => whole is < long.MinValue or > long.MaxValue ? s_intRange : CelValue.Of((long)whole);

    private static CelValue ToUInt(decimal whole) => whole is < 0 or > ulong.MaxValue ? s_uintRange : CelValue.Of((ulong)whole);

    private static CelValue Round(decimal value, long places, ReadOnlySpan<byte> mode)
    {
        if (places is < 0 or > MaxPlaces)
            return s_places;
        MidpointRounding rounding;
        if (mode.SequenceEqual("halfEven"u8))
            rounding = MidpointRounding.ToEven;
        else if (mode.SequenceEqual("halfUp"u8))
            rounding = MidpointRounding.AwayFromZero;
        else if (mode.SequenceEqual("down"u8))
            rounding = MidpointRounding.ToZero;
        else if (mode.SequenceEqual("floor"u8) || mode.SequenceEqual("up"u8) && value < 0)
            rounding = MidpointRounding.ToNegativeInfinity;
        else if (mode.SequenceEqual("ceiling"u8) || mode.SequenceEqual("up"u8))
            rounding = MidpointRounding.ToPositiveInfinity;
        else
            return s_mode;
        return CelValue.Of(decimal.Round(value, (int)places, rounding));
    }
}
