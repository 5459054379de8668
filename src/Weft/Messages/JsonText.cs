using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Weft.Messages;

/// <summary>JSON strings (RFC 8259, section 7) from and to UTF-8, without objects between.</summary>
internal static class JsonText
{
    /// <summary>How deep data may be nested.</summary>
    public const int MaxDepth = 64;

    private static readonly SearchValues<byte> s_mustEscape = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(i => (byte)i), (byte)'"', (byte)'\\', 0x7F]);

    /// <summary>
    /// Undoes the escapes of a string whose quotes are gone. The reader has checked their form already; what can still be
    /// wrong is half a surrogate pair.
    /// </summary>
    /// <param name="escaped">The string as it stands in the document.</param>
    /// <param name="into">At least as long as <paramref name="escaped"/>.</param>
    /// <param name="written">How many bytes came out.</param>
    public static bool TryUnescape(ReadOnlySpan<byte> escaped, Span<byte> into, out int written)
    {
        written = 0;
        while (true)
        {
            var plain = escaped.IndexOf((byte)'\\');
            if (plain < 0)
            {
                escaped.CopyTo(into[written..]);
                written += escaped.Length;
                return true;
            }
            escaped[..plain].CopyTo(into[written..]);
            written += plain;
            if (plain + 1 >= escaped.Length)
                return false;
            var code = escaped[plain + 1];
            escaped = escaped[(plain + 2)..];
            if (code != 'u')
                into[written++] = Unescape(code);
            else if (TryReadRune(ref escaped, out var rune))
                written += rune.EncodeToUtf8(into[written..]);
            else
                return false;
        }
    }

    /// <summary>Whether the bytes are one JSON value in UTF-8, no deeper than 64 levels.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
            return false;
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
                // Reading is the check.
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Writes a quoted string.</summary>
    public static void WriteString(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        output.Write("\""u8);
        for (var plain = utf8.IndexOfAny(s_mustEscape); plain >= 0; plain = utf8.IndexOfAny(s_mustEscape))
        {
            output.Write(utf8[..plain]);
            WriteEscape(output, utf8[plain]);
            utf8 = utf8[(plain + 1)..];
        }
        output.Write(utf8);
        output.Write("\""u8);
    }

    private static void WriteEscape(IBufferWriter<byte> output, byte value)
    {
        var span = output.GetSpan(6);
        span[0] = (byte)'\\';
        if (value is (byte)'"' or (byte)'\\')
        {
            span[1] = value;
            output.Advance(2);
            return;
        }
        "u00"u8.CopyTo(span[1..]);
        Utf8Formatter.TryFormat(value, span[4..], out _, new StandardFormat('x', 2));
        output.Advance(6);
    }

    private static byte Unescape(byte code) => code switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => code,
    };

    private static bool TryReadRune(ref ReadOnlySpan<byte> rest, out Rune rune)
    {
        rune = default;
        if (!TryReadUnit(ref rest, out var unit))
            return false;
        if (!char.IsHighSurrogate(unit))
            return Rune.TryCreate(unit, out rune);
        if (!rest.StartsWith("\\u"u8))
            return false;
        rest = rest[2..];
        return TryReadUnit(ref rest, out var low) && Rune.TryCreate(unit, low, out rune);
    }

    private static bool TryReadUnit(ref ReadOnlySpan<byte> rest, out char unit)
    {
        unit = default;
        if (rest.Length < 4 || !ushort.TryParse(rest[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            return false;
        unit = (char)value;
        rest = rest[4..];
        return true;
    }
}
