using System.Globalization;

namespace Weft.Expressions.Library;

/// <summary>Numbers as text, in the forms of <c>format</c>.</summary>
internal static class NumberText
{
    /// <summary>The shortest digits that read back as the same number, without exponent.</summary>
    public static void AppendDouble(ref TextBuilder text, double value)
    {
        if (TryAppendSpecial(ref text, value))
            return;
        Span<byte> shortest = stackalloc byte[32];
        value.TryFormat(shortest, out var length, default, CultureInfo.InvariantCulture);
        var number = shortest[..length];
        var e = number.IndexOf((byte)'E');
        if (e < 0)
        {
            text.Append(number);
            return;
        }
        var exponent = int.Parse(number[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        AppendExpanded(ref text, number[..e], exponent);
    }

    /// <summary>
    /// With so many digits behind the point, rounded half to even: <c>F</c> for plain digits, <c>E</c> for one digit before the point and an
    /// exponent.
    /// </summary>
    public static void AppendRounded(ref TextBuilder text, double value, char form, int precision)
    {
        if (TryAppendSpecial(ref text, value))
            return;
        // The largest double has 309 digits before the point.
        var room = text.Room(320 + precision);
        if (!value.TryFormat(room, out var length, Format(stackalloc char[8], form, precision), CultureInfo.InvariantCulture))
            return;
        text.Advance(form == 'F' ? length : ShortenExponent(room[..length]));
    }

    /// <inheritdoc cref="AppendRounded(ref TextBuilder, double, char, int)"/>
    public static void AppendRounded(ref TextBuilder text, decimal value, int precision)
    {
        var rounded = decimal.Round(value, Math.Min(precision, 28), MidpointRounding.ToEven);
        var room = text.Room(32 + precision);
        text.Advance(rounded.TryFormat(room, out var length, Format(stackalloc char[8], 'F', precision), CultureInfo.InvariantCulture) ? length : 0);
    }

    /// <summary>In a base that is a power of two.</summary>
    /// <param name="text">Where it goes.</param>
    /// <param name="value">The number.</param>
    /// <param name="bits">How many bits a digit has.</param>
    /// <param name="isUpper">Whether letters are capital.</param>
    public static void AppendPower(ref TextBuilder text, ulong value, int bits, bool isUpper)
    {
        Span<byte> digits = stackalloc byte[64];
        var at = digits.Length;
        do
        {
            digits[--at] = Digit((int)(value & ((1UL << bits) - 1)), isUpper);
            value >>= bits;
        }
        while (value != 0);
        text.Append(digits[at..]);
    }

    public static byte Digit(int value, bool isUpper) => (isUpper ? "0123456789ABCDEF"u8 : "0123456789abcdef"u8)[value];

    private static bool TryAppendSpecial(ref TextBuilder text, double value)
    {
        if (double.IsFinite(value))
            return false;
        text.Append(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
        return true;
    }

    /// <summary>Digits with a point after the first, times a power of ten, written out.</summary>
    private static void AppendExpanded(ref TextBuilder text, ReadOnlySpan<byte> mantissa, int exponent)
    {
        if (mantissa[0] == '-')
        {
            text.Append((byte)'-');
            mantissa = mantissa[1..];
        }
        var first = mantissa[..1];
        var rest = mantissa.Length > 1 ? mantissa[2..] : default;
        if (exponent < 0)
        {
            text.Append("0."u8);
            AppendZeros(ref text, -exponent - 1);
            text.Append(first);
            text.Append(rest);
            return;
        }
        var whole = Math.Min(exponent, rest.Length);
        text.Append(first);
        text.Append(rest[..whole]);
        AppendZeros(ref text, exponent - whole);
        if (whole == rest.Length)
            return;
        text.Append((byte)'.');
        text.Append(rest[whole..]);
    }

    private static void AppendZeros(ref TextBuilder text, int count)
    {
        for (; count > 0; count--)
            text.Append((byte)'0');
    }

    private static ReadOnlySpan<char> Format(Span<char> into, char form, int precision)
    {
        into[0] = form;
        precision.TryFormat(into[1..], out var length, default, CultureInfo.InvariantCulture);
        return into[..(1 + length)];
    }

    /// <summary>Makes <c>E+003</c> what C and Go write: <c>e+03</c>.</summary>
    /// <returns>The new length.</returns>
    private static int ShortenExponent(Span<byte> number)
    {
        var e = number.LastIndexOf((byte)'E');
        number[e] = (byte)'e';
        if (number[e + 2] != '0')
            return number.Length;
        number[(e + 3)..].CopyTo(number[(e + 2)..]);
        return number.Length - 1;
    }
}
