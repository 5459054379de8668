using System.Globalization;

namespace Weft.Expressions.Library;

/// <summary>Times and durations as text: what <c>string()</c> makes of them in CEL.</summary>
internal static class TimeText
{
    /// <summary>RFC 3339 in UTC, with as many digits of a second as it takes.</summary>
    public static void AppendTimestamp(ref TextBuilder text, in CelValue timestamp)
    {
        var time = DateTime.UnixEpoch.AddTicks(timestamp.Seconds * TimeSpan.TicksPerSecond);
        text.Advance(time.TryFormat(text.Room(19), out var length, "s", CultureInfo.InvariantCulture) ? length : 0);
        AppendFraction(ref text, timestamp.Nanos);
        text.Append((byte)'Z');
    }

    /// <summary>Seconds, with as many digits behind the point as it takes.</summary>
    public static void AppendDuration(ref TextBuilder text, in CelValue duration)
    {
        if (duration.Seconds < 0 || duration.Nanos < 0)
            text.Append((byte)'-');
        text.Advance(Math.Abs(duration.Seconds).TryFormat(text.Room(20), out var length) ? length : 0);
        AppendFraction(ref text, Math.Abs(duration.Nanos));
        text.Append((byte)'s');
    }

    private static void AppendFraction(ref TextBuilder text, int nanos)
    {
        if (nanos == 0)
            return;
        Span<byte> digits = stackalloc byte[10];
        digits[0] = (byte)'.';
        for (var i = 9; i > 0; i--, nanos /= 10)
            digits[i] = (byte)('0' + nanos % 10);
        text.Append(digits.TrimEnd((byte)'0'));
    }
}
