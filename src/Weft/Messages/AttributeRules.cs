using System.Buffers;
using System.Buffers.Text;

namespace Weft.Messages;

/// <summary>What CloudEvents 1.0.2 allows as names and values of attributes (spec.md, "Context Attributes"; partitioning extension).</summary>
internal static class AttributeRules
{
    /// <summary>The specification advises 20 and sets no limit; this is ours.</summary>
    public const int MaxNameLength = 64;

    public const string NameRule = "1 to 64 of a-z and 0-9, and not 'data'";

    private static readonly SearchValues<byte> s_nameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789"u8);

    public static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= MaxNameLength && !name.ContainsAnyExcept(s_nameBytes) && !name.SequenceEqual("data"u8);

    /// <summary>What is allowed as the value, when <paramref name="value"/> is not; null when it is.</summary>
    public static string? Broken(KnownAttribute known, AttributeType type, ReadOnlySpan<byte> value)
    {
        if (known != KnownAttribute.Extension && type != AttributeType.String)
            return "text";
        return type switch
        {
            AttributeType.Boolean => value.SequenceEqual("true"u8) || value.SequenceEqual("false"u8) ? null : "true or false",
            AttributeType.Integer => IsInteger(value) ? null : "a whole number from -2147483648 to 2147483647",
            _ => BrokenText(known, value),
        };
    }

    private static string? BrokenText(KnownAttribute known, ReadOnlySpan<byte> value)
    {
        if (value.Length > MessageLayout.MaxValueLength)
            return "at most 256 MB";
        if (!TextRules.IsAllowed(value))
            return "text in valid Unicode without control characters and noncharacters";
        switch (known)
        {
            case KnownAttribute.Id or KnownAttribute.Type or KnownAttribute.Subject or KnownAttribute.PartitionKey:
                return value.IsEmpty ? "text that is not empty" : null;
            case KnownAttribute.Source:
                return UriRules.IsReference(value) && !value.IsEmpty ? null : "a URI-reference (RFC 3986) that is not empty; percent-encode what it does not allow";
            case KnownAttribute.DataSchema:
                return UriRules.IsUri(value) ? null : "a URI with a scheme (RFC 3986)";
            case KnownAttribute.Time:
                return Rfc3339.TryParse(value, out _) ? null : "a date and time of RFC 3339 such as 2026-01-31T13:45:30.25Z";
            case KnownAttribute.DataContentType:
                return MediaType.IsValid(value) ? null : "a media type (RFC 2046) such as application/json";
            default:
                return null;
        }
    }

    private static bool IsInteger(ReadOnlySpan<byte> value) =>
        Utf8Parser.TryParse(value, out int _, out var consumed) && consumed == value.Length && value[0] != '+';
}
