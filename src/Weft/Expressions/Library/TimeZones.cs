using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace Weft.Expressions.Library;

/// <summary>Time zones by the names of the IANA database, or as fixed offsets. Looked up once each; safe for use from many threads.</summary>
/// <param name="find">Finds a zone by its name; null when there is none.</param>
internal sealed class TimeZones(Func<string, TimeZoneInfo?> find)
{
    // The longest name of the database has 32 letters. What is no name of a zone is never asked of the file system.
    private const int MaxLength = 64;

    private static readonly SearchValues<byte> s_letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/"u8);

    private static readonly CelValue s_unknown = CelValue.Of(CelError.Argument(
        "There is no such time zone: names as in the IANA database such as Europe/Berlin, and offsets such as +02:00, are allowed."));

    private static readonly CelValue s_noData = CelValue.Of(CelError.Argument(
        "Time zones have no names here, because this machine has no time zone data: install the package tzdata, or use UTC or an offset such as +02:00."));

    private readonly ConcurrentDictionary<string, TimeZoneInfo> _zones = new(StringComparer.Ordinal);
    private readonly Lazy<bool> _hasData = new(() => find("Europe/London") is not null);

    /// <summary>The zones of this machine.</summary>
    public static TimeZones System { get; } = new(static name => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null);

    /// <summary>How far a zone is from UTC at a point in time, in seconds; to the east is above 0.</summary>
    /// <returns>False when there is no such zone; <paramref name="error"/> says why.</returns>
    public bool TryOffset(ReadOnlySpan<byte> zone, in CelValue timestamp, out int seconds, out CelValue error)
    {
        error = default;
        seconds = 0;
        if (zone.SequenceEqual("UTC"u8) || TimeParser.TryFixedOffset(zone, out seconds))
            return true;
        if (!TryFind(zone, out var info))
        {
            error = _hasData.Value ? s_unknown : s_noData;
            return false;
        }
        seconds = (int)info.GetUtcOffset(DateTime.UnixEpoch.AddTicks(timestamp.Seconds * TimeSpan.TicksPerSecond)).TotalSeconds;
        return true;
    }

    private bool TryFind(ReadOnlySpan<byte> name, out TimeZoneInfo zone)
    {
        zone = TimeZoneInfo.Utc;
        if (name.Length is 0 or > MaxLength || name.ContainsAnyExcept(s_letters) || name[0] == '/')
            return false;
        Span<char> chars = stackalloc char[MaxLength];
        chars = chars[..Encoding.ASCII.GetChars(name, chars)];
        if (_zones.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(chars, out zone!))
            return true;
        var text = chars.ToString();
        zone = find(text)!;
        // The runtime remembers zones without regard to case: without this look, what is found would depend on what was asked before.
        if (zone is null || zone.Id != text && zone.Id.Equals(text, StringComparison.OrdinalIgnoreCase))
            return false;
        // Only what exists is kept, so that data cannot fill the memory with names.
        _zones[text] = zone;
        return true;
    }
}
