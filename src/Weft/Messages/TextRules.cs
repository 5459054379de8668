using System.Buffers;
using System.Text;

namespace Weft.Messages;

/// <summary>The String type of CloudEvents 1.0.2: Unicode without control characters (U+0000–1F, U+007F–9F) and noncharacters.</summary>
internal static class TextRules
{
    private const int MaxShown = 48;

    /// <summary>Whether the bytes are UTF-8 and all characters are allowed.</summary>
    public static bool IsAllowed(ReadOnlySpan<byte> utf8)
    {
        var plain = utf8.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E);
        return plain < 0 || IsAllowedSlow(utf8[plain..]);
    }

    /// <summary>A value as an error shows it: shortened, and without anything that could disturb a log or a terminal.</summary>
    public static string Show(ReadOnlySpan<byte> utf8)
    {
        var text = new StringBuilder(MaxShown + 4).Append('"');
        for (var left = MaxShown; !utf8.IsEmpty; left--)
        {
            if (left == 0)
                return text.Append("…\"").ToString();
            Rune.DecodeFromUtf8(utf8, out var rune, out var length);
            text.Append(IsAllowed(rune) && rune.Value != '"' ? rune.ToString() : "?");
            utf8 = utf8[length..];
        }
        return text.Append('"').ToString();
    }

    private static bool IsAllowedSlow(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(utf8, out var rune, out var length) != OperationStatus.Done || !IsAllowed(rune))
                return false;
            utf8 = utf8[length..];
        }
        return true;
    }

    private static bool IsAllowed(Rune rune) =>
        rune.Value is not (< 0x20 or (>= 0x7F and < 0xA0) or (>= 0xFDD0 and <= 0xFDEF)) && (rune.Value & 0xFFFE) != 0xFFFE;
}
