namespace Weft.Timeouts;

/// <summary>Between times and timestamps of a <see cref="TimeProvider"/>.</summary>
internal static class Timestamps
{
    /// <summary>As many timestamps as there are in this time; never more than a quarter of all, so that sums of a few do not overflow.</summary>
    public static long From(TimeSpan span, TimeProvider time) =>
        (long)Math.Clamp(span.Ticks * ((double)time.TimestampFrequency / TimeSpan.TicksPerSecond), long.MinValue / 4, long.MaxValue / 4);

    /// <summary>As much time as there is in these timestamps.</summary>
    public static TimeSpan ToTime(long timestamps, TimeProvider time) => time.GetElapsedTime(0, timestamps);
}
