using System.Buffers;

namespace Weft.Messages;

/// <summary>RFC 3986 syntax as far as it can be told without knowing the scheme: characters, percent-encoding, scheme, brackets and the one fragment.</summary>
internal static class UriRules
{
    private static readonly SearchValues<byte> s_allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%"u8);

    private static readonly SearchValues<byte> s_schemeBytes = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-."u8);

    /// <summary>Section 4.1: with or without a scheme; may be empty.</summary>
    public static bool IsReference(ReadOnlySpan<byte> value) => HasAllowedBytes(value) && SchemeLength(value) >= 0;

    /// <summary>Section 3: with a scheme.</summary>
    public static bool IsUri(ReadOnlySpan<byte> value) => HasAllowedBytes(value) && SchemeLength(value) > 0;

    /// <summary>The length of the scheme; 0 when there is none; -1 when a colon stands where only a scheme may end with one.</summary>
    private static int SchemeLength(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOfAny(":/?#"u8);
        if (end < 0 || value[end] != ':')
            return 0;
        return end > 0 && char.IsAsciiLetter((char)value[0]) && !value[..end].ContainsAnyExcept(s_schemeBytes) ? end : -1;
    }

    private static bool HasAllowedBytes(ReadOnlySpan<byte> value)
    {
        if (value.ContainsAnyExcept(s_allowed))
            return false;
        var fragment = value.IndexOf((byte)'#');
        if (fragment >= 0 && value[(fragment + 1)..].Contains((byte)'#'))
            return false;
        return HasWholeEscapes(value) && HasBracketsInHostOnly(value);
    }

    private static bool HasWholeEscapes(ReadOnlySpan<byte> value)
    {
        for (var at = value.IndexOf((byte)'%'); at >= 0; at = value.IndexOf((byte)'%'))
        {
            if (at + 2 >= value.Length || !char.IsAsciiHexDigit((char)value[at + 1]) || !char.IsAsciiHexDigit((char)value[at + 2]))
                return false;
            value = value[(at + 3)..];
        }
        return true;
    }

    private static bool HasBracketsInHostOnly(ReadOnlySpan<byte> value)
    {
        if (!value.ContainsAny((byte)'[', (byte)']'))
            return true;
        var host = value.IndexOf("//"u8);
        if (host < 0 || value[..host].ContainsAny("/?#[]"u8))
            return false;
        var rest = value[(host + 2)..];
        var end = rest.IndexOfAny("/?#"u8);
        return end < 0 || !rest[end..].ContainsAny((byte)'[', (byte)']');
    }
}
