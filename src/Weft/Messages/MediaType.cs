using System.Buffers;
using System.Text;

namespace Weft.Messages;

/// <summary>Media types with parameters: RFC 2046, in the syntax of RFC 9110 section 8.3.1. Case does not matter.</summary>
internal static class MediaType
{
    private static readonly SearchValues<byte> s_token = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~"u8);

    /// <summary>Whether it is a type, a subtype and parameters.</summary>
    public static bool IsValid(ReadOnlySpan<byte> value)
    {
        var essence = Essence(value, out var parameters);
        var slash = essence.IndexOf((byte)'/');
        if (slash <= 0 || !IsToken(essence[..slash]) || !IsToken(essence[(slash + 1)..]))
            return false;
        while (TryNextParameter(ref parameters, out var name, out var text))
        {
            if (!IsToken(name) || (text.StartsWith((byte)'"') ? text.Length < 2 || text[^1] != '"' : !IsToken(text)))
                return false;
        }
        return !value.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E);
    }

    /// <summary>Whether it declares JSON (<c>*/json</c> or <c>*/*+json</c>; JSON format, section 3.1.1) in UTF-8.</summary>
    public static bool IsUtf8Json(ReadOnlySpan<byte> value) => IsJson(value) && IsUtf8(value);

    /// <summary>Whether it declares JSON in any encoding.</summary>
    public static bool IsJson(ReadOnlySpan<byte> value)
    {
        var essence = Essence(value, out _);
        return EndsWith(essence, "/json"u8) || (EndsWith(essence, "+json"u8) && essence.Contains((byte)'/'));
    }

    /// <summary>Whether its charset is UTF-8 or its subset US-ASCII, or not given.</summary>
    public static bool IsUtf8(ReadOnlySpan<byte> value)
    {
        Essence(value, out var parameters);
        while (TryNextParameter(ref parameters, out var name, out var text))
        {
            if (Ascii.EqualsIgnoreCase(name, "charset"u8))
            {
                text = text.Trim((byte)'"');
                return Ascii.EqualsIgnoreCase(text, "utf-8"u8) || Ascii.EqualsIgnoreCase(text, "us-ascii"u8);
            }
        }
        return true;
    }

    /// <summary>The part before the parameters.</summary>
    public static ReadOnlySpan<byte> Essence(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> parameters)
    {
        var end = value.IndexOf((byte)';');
        parameters = end < 0 ? default : value[end..];
        return (end < 0 ? value : value[..end]).Trim(" \t"u8);
    }

    private static bool TryNextParameter(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> text)
    {
        name = text = default;
        rest = rest.TrimStart("; \t"u8);
        if (rest.IsEmpty)
            return false;
        var end = ParameterEnd(rest);
        var parameter = rest[..end].Trim(" \t"u8);
        rest = rest[end..];
        var equals = parameter.IndexOf((byte)'=');
        name = equals < 0 ? parameter : parameter[..equals];
        text = equals < 0 ? default : parameter[(equals + 1)..];
        return true;
    }

    /// <summary>Where the next semicolon outside quotes stands.</summary>
    private static int ParameterEnd(ReadOnlySpan<byte> rest)
    {
        var quoted = false;
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] == '"')
                quoted = !quoted;
            else if (rest[i] == '\\' && quoted)
                i++;
            else if (rest[i] == ';' && !quoted)
                return i;
        }
        return rest.Length;
    }

    private static bool IsToken(ReadOnlySpan<byte> value) => !value.IsEmpty && !value.ContainsAnyExcept(s_token);

    private static bool EndsWith(ReadOnlySpan<byte> value, ReadOnlySpan<byte> end) =>
        value.Length > end.Length && Ascii.EqualsIgnoreCase(value[^end.Length..], end);
}
