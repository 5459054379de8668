namespace Weft.Messages;

/// <summary>Date and time of RFC 3339, section 5.6.</summary>
internal static class Rfc3339
{
    /// <summary>
    /// Reads a time. A leap second is the instant after it; what is finer than 100 ns is cut; an offset beyond 14 h gives the
    /// same instant in UTC. Years 0001 to 9999.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' || text[13] != ':' || text[16] != ':')
            return false;
        int year = Digits(text[..4]), month = Digits(text.Slice(5, 2)), day = Digits(text.Slice(8, 2));
        int hour = Digits(text.Slice(11, 2)), minute = Digits(text.Slice(14, 2)), second = Digits(text.Slice(17, 2));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
            return false;
        var rest = text[19..];
        if (!TryReadFraction(ref rest, out var fraction) || !TryReadOffset(rest, out var offset))
            return false;
        var local = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Unspecified).Ticks + second * TimeSpan.TicksPerSecond + fraction;
        var utc = local - offset * TimeSpan.TicksPerMinute;
        if (utc < 0 || utc > DateTime.MaxValue.Ticks)
            return false;
        var fits = Math.Abs(offset) <= 14 * 60 && local <= DateTime.MaxValue.Ticks;
        time = fits ? new DateTimeOffset(local, TimeSpan.FromMinutes(offset)) : new DateTimeOffset(utc, TimeSpan.Zero);
        return true;
    }

    private static bool TryReadFraction(ref ReadOnlySpan<byte> rest, out long ticks)
    {
        ticks = 0;
        if (rest[0] != '.')
            return true;
        var count = rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (count <= 0)
            return false;
        for (var i = 1; i <= 7; i++)
            ticks = ticks * 10 + (i <= count ? rest[i] - '0' : 0);
        rest = rest[(1 + count)..];
        return true;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> rest, out int minutes)
    {
        minutes = 0;
        if (rest.Length == 1)
            return (rest[0] | 0x20) == 'z';
        if (rest.Length != 6 || rest[0] is not ((byte)'+' or (byte)'-') || rest[3] != ':')
            return false;
        int hour = Digits(rest.Slice(1, 2)), minute = Digits(rest.Slice(4, 2));
        minutes = (rest[0] == '-' ? -1 : 1) * (hour * 60 + minute);
        return hour is >= 0 and <= 23 && minute is >= 0 and <= 59;
    }

    /// <summary>A number of digits only; -1 when it is none.</summary>
    private static int Digits(ReadOnlySpan<byte> text)
    {
        var value = 0;
        foreach (var b in text)
        {
            if (b is < (byte)'0' or > (byte)'9')
                return -1;
            value = value * 10 + b - '0';
        }
        return value;
    }
}
