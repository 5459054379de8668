namespace Weft.Expressions.Library;

/// <summary>Arithmetic of times and durations, with nanoseconds. What is out of range is an error value.</summary>
/// <remarks>
/// Times are from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z. Durations are as many nanoseconds as 64 bits hold, about 292 years
/// either way, as in cel-go: the conformance suite counts on it.
/// </remarks>
internal static class TimeMath
{
    public const int NanosPerSecond = 1_000_000_000;

    public const long MinSeconds = -62_135_596_800, MaxSeconds = 253_402_300_799;

    private static readonly CelValue s_timestampRange = CelValue.Of(
        new CelError(CelErrorKind.Arithmetic, "The timestamp is out of range: years 1 to 9999 are allowed."));

    private static readonly CelValue s_durationRange = CelValue.Of(
        new CelError(CelErrorKind.Arithmetic, "The duration is out of range: up to 292 years are allowed."));

    /// <summary>A time from its seconds since 1970 and nanoseconds of any size and sign.</summary>
    public static CelValue Timestamp(long seconds, long nanos)
    {
        var carry = Math.DivRem(nanos, NanosPerSecond, out nanos);
        if (nanos < 0)
        {
            carry--;
            nanos += NanosPerSecond;
        }
        // The seconds of times and durations are far from the ends of 64 bits; those of int() need the first look.
        return seconds is < MinSeconds * 4 or > MaxSeconds * 4 || seconds + carry is < MinSeconds or > MaxSeconds
            ? s_timestampRange
            : CelValue.Timestamp(seconds + carry, (int)nanos);
    }

    public static CelValue Duration(Int128 nanos) => nanos < long.MinValue || nanos > long.MaxValue ? s_durationRange : Duration((long)nanos);

    public static CelValue Duration(long nanos)
    {
        var seconds = Math.DivRem(nanos, NanosPerSecond, out var rest);
        return CelValue.Duration(seconds, (int)rest);
    }

    /// <summary>The whole of a duration in nanoseconds. Durations that came from elsewhere may need more than 64 bits.</summary>
    public static Int128 Nanos(in CelValue duration) => (Int128)duration.Seconds * NanosPerSecond + duration.Nanos;

    public static CelValue AddDurations(in CelValue a, in CelValue b) => Duration(Nanos(a) + Nanos(b));

    public static CelValue SubtractDurations(in CelValue a, in CelValue b) => Duration(Nanos(a) - Nanos(b));

    public static CelValue Add(in CelValue timestamp, in CelValue duration) =>
        Timestamp(timestamp.Seconds + duration.Seconds, (long)timestamp.Nanos + duration.Nanos);

    public static CelValue Subtract(in CelValue timestamp, in CelValue duration) =>
        Timestamp(timestamp.Seconds - duration.Seconds, (long)timestamp.Nanos - duration.Nanos);

    /// <summary>The time from <paramref name="b"/> to <paramref name="a"/>.</summary>
    public static CelValue Between(in CelValue a, in CelValue b) =>
        Duration((Int128)(a.Seconds - b.Seconds) * NanosPerSecond + (a.Nanos - b.Nanos));
}
