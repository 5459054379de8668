using System.Buffers.Text;

namespace Weft.Expressions.Library;

/// <summary>Reads times and durations from text, as <c>timestamp()</c> and <c>duration()</c> of CEL do.</summary>
internal static class TimeParser
{
    private static readonly CelValue s_noTimestamp = CelValue.Of(CelError.Argument(
        "The text is no timestamp: it takes the form of RFC 3339, such as 2026-01-31T23:59:59.5Z or 2026-01-31T23:59:59+01:00, with up to 9 digits of a second."));

    private static readonly CelValue s_noDuration = CelValue.Of(CelError.Argument(
        "The text is no duration: it takes numbers with units, such as 1h30m, 1.5s or -20ms; the units are h, m, s, ms, us and ns."));

    private static readonly CelValue s_longDuration = TimeMath.Duration(Int128.MaxValue);

    /// <summary>RFC 3339, section 5.6, with upper-case T and Z and without leap seconds.</summary>
    public static CelValue Timestamp(ReadOnlySpan<byte> text)
    {
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
            return s_noTimestamp;
        if (!TryDigits(text[..4], 9999, out var year) || year == 0 || !TryDigits(text[5..7], 12, out var month) || month == 0
            || !TryDigits(text[8..10], DateTime.DaysInMonth(year, month), out var day) || day == 0
            || !TryDigits(text[11..13], 23, out var hour) || !TryDigits(text[14..16], 59, out var minute) || !TryDigits(text[17..19], 59, out var second))
            return s_noTimestamp;
        if (!TryFraction(text[19..], out var nanos, out var length) || !TryOffset(text[(19 + length)..], out var offset))
            return s_noTimestamp;
        var days = new DateOnly(year, month, day).DayNumber - LocalTime.UnixDay;
        return TimeMath.Timestamp(days * 86_400L + hour * 3600 + minute * 60 + second - offset, nanos);
    }

    /// <summary>As ParseDuration of Go: what is smaller than a nanosecond is cut off.</summary>
    public static CelValue Duration(ReadOnlySpan<byte> text)
    {
        var negative = text.StartsWith("-"u8);
        if (negative || text.StartsWith("+"u8))
            text = text[1..];
        if (text.SequenceEqual("0"u8))
            return CelValue.Duration(0, 0);
        if (text.IsEmpty)
            return s_noDuration;
        Int128 nanos = 0;
        while (!text.IsEmpty)
        {
            if (!TryNumber(ref text, out var whole, out var fraction, out var scale) || !TryUnit(ref text, out var unit))
                return s_noDuration;
            nanos += (Int128)whole * unit + (Int128)fraction * unit / scale;
            if (nanos > (Int128)long.MaxValue + 1)
                return s_longDuration;
        }
        return TimeMath.Duration(negative ? -nanos : nanos);
    }

    /// <summary>An offset from UTC in seconds: <c>Z</c>, or hours and minutes with a sign.</summary>
    private static bool TryOffset(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        return text.SequenceEqual("Z"u8) || text.Length == 6 && text[0] is (byte)'+' or (byte)'-' && TryFixedOffset(text, out seconds);
    }

    /// <summary>Hours and minutes as <c>+02:30</c>, with or without sign, in seconds.</summary>
    public static bool TryFixedOffset(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        var negative = text.StartsWith("-"u8);
        if (negative || text.StartsWith("+"u8))
            text = text[1..];
        if (text.Length != 5 || text[2] != ':' || !TryDigits(text[..2], 23, out var hours) || !TryDigits(text[3..], 59, out var minutes))
            return false;
        seconds = (hours * 60 + minutes) * (negative ? -60 : 60);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, int max, out int value)
    {
        value = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            value = value * 10 + (digit - '0');
        }
        return value <= max;
    }

    /// <summary>A point and up to nine digits, or nothing.</summary>
    private static bool TryFraction(ReadOnlySpan<byte> text, out int nanos, out int length)
    {
        nanos = 0;
        length = 0;
        if (!text.StartsWith("."u8))
            return true;
        length = Digits(text[1..]) + 1;
        if (length is < 2 or > 10)
            return false;
        TryDigits(text[1..length], int.MaxValue, out nanos);
        for (var i = length; i < 10; i++)
            nanos *= 10;
        return true;
    }

    /// <summary>Digits with an optional point, at least one of them. Too large a number becomes one that is out of range with any unit.</summary>
    private static bool TryNumber(ref ReadOnlySpan<byte> text, out ulong whole, out long fraction, out long scale)
    {
        var length = Digits(text);
        whole = 0;
        if (length > 0 && !Utf8Parser.TryParse(text[..length], out whole, out _))
            whole = ulong.MaxValue;
        text = text[length..];
        (fraction, scale) = (0, 1);
        if (!text.StartsWith("."u8))
            return length > 0;
        var digits = Digits(text[1..]);
        // Of an hour, digits beyond the 13th are less than a nanosecond.
        foreach (var digit in text.Slice(1, Math.Min(digits, 15)))
        {
            fraction = fraction * 10 + (digit - '0');
            scale *= 10;
        }
        text = text[(1 + digits)..];
        return length + digits > 0;
    }

    private static bool TryUnit(ref ReadOnlySpan<byte> text, out long nanos)
    {
        var length = text.IndexOfAnyInRange((byte)'0', (byte)'9');
        var point = text.IndexOf((byte)'.');
        if (length < 0 || point >= 0 && point < length)
            length = point;
        var unit = length < 0 ? text : text[..length];
        text = length < 0 ? [] : text[length..];
        nanos = unit switch
        {
            [(byte)'h'] => 3600L * TimeMath.NanosPerSecond,
            [(byte)'m'] => 60L * TimeMath.NanosPerSecond,
            [(byte)'s'] => TimeMath.NanosPerSecond,
            [(byte)'m', (byte)'s'] => 1_000_000,
            // Beside the letter u, the micro sign and the Greek mu.
            [(byte)'u', (byte)'s'] or [0xC2, 0xB5, (byte)'s'] or [0xCE, 0xBC, (byte)'s'] => 1_000,
            [(byte)'n', (byte)'s'] => 1,
            _ => 0,
        };
        return nanos > 0;
    }

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var length = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return length < 0 ? text.Length : length;
    }
}
