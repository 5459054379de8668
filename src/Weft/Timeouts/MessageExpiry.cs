using System.Globalization;
using Weft.Messages;

namespace Weft.Timeouts;

/// <summary>
/// Until when a message is of use: the CloudEvents extension attribute <c>expirytime</c>, an RFC 3339 time. It is absolute, other than on the wire between services, since a
/// message may lie for long; it is as good as the clocks are alike.
/// </summary>
internal static class MessageExpiry
{
    /// <summary>The name of the attribute.</summary>
    public const string Attribute = "expirytime";

    /// <summary>What is left for a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="time">Whose date counts.</param>
    /// <param name="left">Zero when it is expired.</param>
    /// <returns>False when it does not expire, or its attribute is no time.</returns>
    public static bool TryRead(Message message, TimeProvider time, out TimeSpan left)
    {
        left = default;
        return message.TryGet("expirytime"u8, out var value) && TryParse(value, time, out left);
    }

    /// <summary>What is left until an RFC 3339 time; zero when it is now or before.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, TimeProvider time, out TimeSpan left)
    {
        left = default;
        if (!Rfc3339.TryParse(utf8, out var expiry))
            return false;
        var until = expiry - time.GetUtcNow();
        left = until > TimeSpan.Zero ? until : TimeSpan.Zero;
        return true;
    }

    /// <summary>The value for a message that is of use for as long as this from now.</summary>
    public static string Format(TimeSpan left, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var expiry = left >= DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue : left <= TimeSpan.Zero ? now : now + left;
        return expiry.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }
}
