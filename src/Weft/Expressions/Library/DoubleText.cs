using System.Buffers.Text;
using System.Globalization;

namespace Weft.Expressions.Library;

/// <summary>Doubles as texts, as CEL writes and reads them.</summary>
internal static class DoubleText
{
    /// <summary>How long a double is at most: sign, 17 digits, point, four zeros or an exponent.</summary>
    public const int MaxLength = 32;

    /// <summary>
    /// Writes the fewest digits that read back to the same number: with an exponent of at least two digits from 1e+06 on and below 1e-04, as
    /// cel-go does; <c>NaN</c>, <c>+Inf</c> and <c>-Inf</c>.
    /// </summary>
    /// <returns>How many bytes were written.</returns>
    public static int Write(double value, Span<byte> into)
    {
        if (!double.IsFinite(value))
        {
            var name = double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8;
            name.CopyTo(into);
            return name.Length;
        }
        Span<byte> shortest = stackalloc byte[MaxLength];
        // "R" has the fewest digits but places the point as it likes.
        value.TryFormat(shortest, out var length, "R", CultureInfo.InvariantCulture);
        Span<byte> digits = stackalloc byte[MaxLength];
        var count = Digits(shortest[..length], digits, out var exponent);
        var at = 0;
        if (double.IsNegative(value))
            into[at++] = (byte)'-';
        return value != 0 && exponent is < -4 or >= 6
            ? WithExponent(digits[..count], exponent, into, at)
            : WithoutExponent(digits[..count], exponent, into, at);
    }

    /// <summary>Reads a double: digits with optional sign, point and exponent, or infinity or NaN by name. Too large a number is none.</summary>
    public static bool TryDouble(ReadOnlySpan<byte> text, out double value)
    {
        var name = text.Length > 0 && text[0] is (byte)'+' or (byte)'-' ? text[1..] : text;
        if (System.Text.Ascii.EqualsIgnoreCase(name, "inf"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "infinity"u8))
        {
            value = text[0] == (byte)'-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }
        if (System.Text.Ascii.EqualsIgnoreCase(text, "nan"u8))
        {
            value = double.NaN;
            return true;
        }
        return Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && double.IsFinite(value);
    }

    /// <summary>The digits that count, without zeros before the first and behind the last, and the power of ten of the first.</summary>
    private static int Digits(ReadOnlySpan<byte> text, Span<byte> digits, out int exponent)
    {
        var mark = text.IndexOf((byte)'E');
        if (mark < 0 || !Utf8Parser.TryParse(text[(mark + 1)..], out exponent, out _))
            exponent = 0;
        var mantissa = mark < 0 ? text : text[..mark];
        var point = mantissa.IndexOf((byte)'.');
        exponent += (point < 0 ? mantissa.Length : point) - 1;
        int count = 0, used = 0;
        foreach (var unit in mantissa)
        {
            if (unit is (byte)'.')
                continue;
            if (count == 0 && unit is (byte)'0' or (byte)'-')
            {
                exponent--;
                continue;
            }
            digits[count++] = unit;
            if (unit != (byte)'0')
                used = count;
        }
        return used;
    }

    private static int WithExponent(ReadOnlySpan<byte> digits, int exponent, Span<byte> into, int at)
    {
        into[at++] = digits[0];
        if (digits.Length > 1)
        {
            into[at++] = (byte)'.';
            digits[1..].CopyTo(into[at..]);
            at += digits.Length - 1;
        }
        into[at++] = (byte)'e';
        into[at++] = (byte)(exponent < 0 ? '-' : '+');
        Utf8Formatter.TryFormat(Math.Abs(exponent), into[at..], out var length, new('D', 2));
        return at + length;
    }

    private static int WithoutExponent(ReadOnlySpan<byte> digits, int exponent, Span<byte> into, int at)
    {
        for (var place = Math.Max(exponent, 0); place > exponent - digits.Length || place >= 0; place--)
        {
            if (place == -1)
                into[at++] = (byte)'.';
            var index = exponent - place;
            into[at++] = index >= 0 && index < digits.Length ? digits[index] : (byte)'0';
        }
        return at;
    }
}
