using System.Globalization;
using System.Net.Http.Headers;

namespace Weft.Retry;

/// <summary>The wait before a repeat: what <c>Retry-After</c> means, and whether a wait fits.</summary>
internal static class RetryWait
{
    /// <summary>Puts backoff and <c>Retry-After</c> together: the longer one holds.</summary>
    /// <param name="backoff">Our own wait.</param>
    /// <param name="retryAfter">What the service said; null for nothing.</param>
    /// <param name="remaining">The time until the deadline; null for none.</param>
    /// <param name="least">The least time that the attempt after the wait needs.</param>
    /// <param name="wait">The wait, when it fits.</param>
    /// <param name="refusal">Why it does not.</param>
    /// <returns>False when it would be over only after the deadline, or when the service asks for more than <see cref="RetryRules.LongestRetryAfter"/>.</returns>
    public static bool TryFit(TimeSpan backoff, TimeSpan? retryAfter, TimeSpan? remaining, TimeSpan least, out TimeSpan wait, out RetryRefusal refusal)
    {
        wait = default;
        refusal = RetryRefusal.Deadline;
        var room = remaining is { } left ? left - least : TimeSpan.MaxValue;
        if (remaining <= TimeSpan.Zero || backoff > room)
            return false;

        refusal = RetryRefusal.RetryAfter;
        var asked = retryAfter is { } after ? WholeMilliseconds(after) : TimeSpan.Zero;
        if (asked > RetryRules.LongestRetryAfter || asked > room)
            return false;

        wait = asked > backoff ? asked : backoff;
        refusal = RetryRefusal.None;
        return true;
    }

    /// <summary>Reads the text of a <c>Retry-After</c> field (RFC 9110, section 10.2.3): seconds, or a date.</summary>
    /// <param name="text">The text.</param>
    /// <param name="now">The present time, for a date. The clock of the service may differ; a date that is past is no wait.</param>
    /// <returns>The time to wait, at least 0; null when the text is neither.</returns>
    public static TimeSpan? Read(ReadOnlySpan<char> text, DateTimeOffset now)
    {
        text = text.Trim();
        if (text.IsEmpty)
            return null;
        if (!text.ContainsAnyExceptInRange('0', '9'))
        {
            // Any number is valid; those beyond what a time can hold are only "very long".
            var fits = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < (long)TimeSpan.MaxValue.TotalSeconds;
            return fits ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        }
        return RetryConditionHeaderValue.TryParse(text.ToString(), out var value) ? Read(value, now) : null;
    }

    /// <summary>The time to wait that a parsed field asks for, at least 0; null for none.</summary>
    /// <param name="value">The field.</param>
    /// <param name="now">The present time, for a date.</param>
    public static TimeSpan? Read(RetryConditionHeaderValue? value, DateTimeOffset now)
    {
        if ((value?.Delta ?? value?.Date - now) is not { } wait)
            return null;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Rounded up: timers count in milliseconds and drop the rest, and the service said "not before".</summary>
    private static TimeSpan WholeMilliseconds(TimeSpan time)
    {
        if (time > RetryRules.LongestRetryAfter)
            return time;
        const long Tick = TimeSpan.TicksPerMillisecond;
        return time <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromTicks((time.Ticks + Tick - 1) / Tick * Tick);
    }
}
