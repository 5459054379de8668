using System.Globalization;

namespace Weft.Expressions.Library;

/// <summary>Decimals as texts, without loss in either direction.</summary>
internal static class DecimalText
{
    /// <summary>How long a decimal is at most: sign, 29 digits, point and a zero before it.</summary>
    public const int MaxLength = 32;

    // What 128 bits surely hold.
    private const int MaxDigits = 38;

    private static readonly UInt128 s_max = ((UInt128)1 << 96) - 1;

    /// <summary>
    /// Reads digits with optional sign, point and exponent. Zeros at the end are kept as far as a decimal holds them: <c>1.50</c> has two
    /// places.
    /// </summary>
    /// <returns>False when the text is no number or has more digits than a decimal holds: nothing is rounded.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out decimal value)
    {
        value = 0;
        var negative = text.StartsWith("-"u8);
        if (negative || text.StartsWith("+"u8))
            text = text[1..];
        if (!TryMantissa(ref text, out var digits, out var scale) || !TryExponent(text, out var exponent))
            return false;
        scale -= exponent;
        for (; digits != 0 && scale < 0 && digits <= s_max; scale++)
            digits *= 10;
        for (; scale > 0 && (digits > s_max || scale > 28); scale--)
        {
            var (quotient, digit) = UInt128.DivRem(digits, 10);
            if (digit != 0)
                return false;
            digits = quotient;
            if (digits == 0)
                scale = Math.Min(scale, 29);
        }
        if (digits > s_max)
            return false;
        var low = (ulong)digits;
        value = new decimal((int)low, (int)(low >> 32), (int)(ulong)(digits >> 64), negative, (byte)Math.Max(scale, 0));
        return true;
    }

    public static CelValue ToText(decimal value, Frame frame)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return frame.Arena.String(text[..length]);
    }

    /// <summary>The double that is nearest.</summary>
    public static double ToDouble(decimal value)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        // The conversion of the framework is off by a bit now and then; reading text is not.
        return double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static bool TryMantissa(ref ReadOnlySpan<byte> text, out UInt128 digits, out int scale)
    {
        digits = 0;
        scale = 0;
        int at = 0, count = 0, point = -1;
        for (; at < text.Length; at++)
        {
            var unit = text[at];
            if (unit == '.' && point < 0)
            {
                point = at;
                continue;
            }
            if (!char.IsAsciiDigit((char)unit))
                break;
            if (digits != 0 && ++count >= MaxDigits)
                return false;
            digits = digits * 10 + (uint)(unit - '0');
        }
        scale = point < 0 ? 0 : at - point - 1;
        var length = point < 0 ? at : at - 1;
        text = text[at..];
        return length > 0;
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text.IsEmpty)
            return true;
        return text[0] is (byte)'e' or (byte)'E'
            && int.TryParse(text[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            && Math.Abs((long)exponent) <= 1000;
    }
}
