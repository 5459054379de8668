using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Weft.Messages;

/// <summary>The values of <c>ce-</c> headers (HTTP binding, section 3.1.3.2): percent-encoding, and quoted strings when reading.</summary>
internal static class HeaderValue
{
    private const int OnStack = 256;

    private static readonly SearchValues<byte> s_plain = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x7E - 0x20).Select(i => (byte)i).Except("\"%"u8.ToArray())]);

    /// <summary>
    /// Undoes quotes, then one round of percent-encoding. Characters outside ASCII, which no sender should leave as they are, are taken
    /// as themselves. Whether the outcome is valid UTF-8 is for the caller to check.
    /// </summary>
    /// <param name="value">The value as it stands in the header.</param>
    /// <param name="into">At least three bytes for each character.</param>
    /// <param name="written">How many bytes came out.</param>
    /// <returns>What is allowed, when the value is not; null when it is.</returns>
    public static string? Decode(ReadOnlySpan<char> value, Span<byte> into, out int written)
    {
        value = value.Trim(" \t");
        if (!value.Contains('"'))
            return DecodePercent(value, into, out written);
        var rented = value.Length > OnStack ? ArrayPool<char>.Shared.Rent(value.Length) : null;
        var unquoted = rented ?? stackalloc char[OnStack];
        written = 0;
        var problem = TryUnquote(value, unquoted, out var length) ? DecodePercent(unquoted[..length], into, out written) : "quotes that are closed";
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        return problem;
    }

    /// <summary>The value as UTF-8, nothing decoded.</summary>
    /// <returns>What is allowed, when the value is not; null when it is.</returns>
    public static string? Transcode(ReadOnlySpan<char> value, Span<byte> into, out int written) =>
        Utf8.FromUtf16(value, into, out _, out written, replaceInvalidSequences: false) == OperationStatus.Done ? null : "valid Unicode";

    /// <summary>The header value of an attribute: space, quote, percent and all that is not printable ASCII percent-encoded.</summary>
    public static string Encode(ReadOnlySpan<byte> utf8)
    {
        var escapes = 0;
        for (var rest = utf8; ; escapes++)
        {
            var at = rest.IndexOfAnyExcept(s_plain);
            if (at < 0)
                break;
            rest = rest[(at + 1)..];
        }
        return escapes == 0 ? Encoding.ASCII.GetString(utf8) : string.Create(utf8.Length + 2 * escapes, utf8, WriteEncoded);
    }

    private static void WriteEncoded(Span<char> into, ReadOnlySpan<byte> utf8)
    {
        var at = 0;
        foreach (var b in utf8)
        {
            if (s_plain.Contains(b))
            {
                into[at++] = (char)b;
                continue;
            }
            into[at] = '%';
            b.TryFormat(into[(at + 1)..], out _, "X2", CultureInfo.InvariantCulture);
            at += 3;
        }
    }

    private static string? DecodePercent(ReadOnlySpan<char> value, Span<byte> into, out int written)
    {
        written = 0;
        while (true)
        {
            var percent = value.IndexOf('%');
            if (Transcode(percent < 0 ? value : value[..percent], into[written..], out var length) is { } problem)
                return problem;
            written += length;
            if (percent < 0)
                return null;
            if (percent + 2 >= value.Length || !byte.TryParse(value.Slice(percent + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var decoded))
                return "a percent sign with two hexadecimal digits; the sign itself is %25";
            into[written++] = decoded;
            value = value[(percent + 3)..];
        }
    }

    /// <summary>Quoted strings of RFC 9110, section 5.6.4, wherever they stand in the value.</summary>
    private static bool TryUnquote(ReadOnlySpan<char> value, Span<char> into, out int written)
    {
        written = 0;
        var quoted = false;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '"')
            {
                quoted = !quoted;
                continue;
            }
            if (value[i] == '\\' && quoted && ++i == value.Length)
                return false;
            into[written++] = value[i];
        }
        return !quoted;
    }
}
