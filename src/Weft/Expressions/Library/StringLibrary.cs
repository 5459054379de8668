using System.Buffers;
using System.Text;

namespace Weft.Expressions.Library;

/// <summary>
/// The strings extension of CEL as cel-go has it in its newest version. All indexes count code points from 0; case is that of ASCII only.
/// </summary>
internal static class StringLibrary
{
    private static readonly CelError s_index = CelError.Argument(
        "An index is outside of the text; allowed is 0 to its length in code points, see size().");
    private static readonly CelError s_range = CelError.Argument("substring() takes a start that is not behind the end.");
    private static readonly CelError s_join = CelError.NoSuchOverload("join() takes a list of strings; turn other items into one with string().");

    private static readonly CelType s_texts = CelType.List(CelType.String);

    public static void Register(Registry registry)
    {
        CelType text = CelType.String, number = CelType.Int;
        registry.Member("charAt", "string_char_at_int", [text, number], text, CharAt);
        registry.Member("indexOf", "string_index_of_string", [text, text], number, IndexOf);
        registry.Member("indexOf", "string_index_of_string_int", [text, text, number], number, IndexOf);
        registry.Member("lastIndexOf", "string_last_index_of_string", [text, text], number, LastIndexOf);
        registry.Member("lastIndexOf", "string_last_index_of_string_int", [text, text, number], number, LastIndexOf);
        registry.Member("lowerAscii", "string_lower_ascii", [text], text, static (f, a) => ChangeCase(f, a, (byte)'A', (byte)'Z'));
        registry.Member("upperAscii", "string_upper_ascii", [text], text, static (f, a) => ChangeCase(f, a, (byte)'a', (byte)'z'));
        registry.Member("replace", "string_replace_string_string", [text, text, text], text, TextPieces.Replace);
        registry.Member("replace", "string_replace_string_string_int", [text, text, text, number], text, TextPieces.Replace);
        registry.Member("split", "string_split_string", [text, text], s_texts, TextPieces.Split);
        registry.Member("split", "string_split_string_int", [text, text, number], s_texts, TextPieces.Split);
        registry.Member("substring", "string_substring_int", [text, number], text, Substring);
        registry.Member("substring", "string_substring_int_int", [text, number, number], text, Substring);
        registry.Member("trim", "string_trim", [text], text, Trim);
        registry.Member("reverse", "string_reverse", [text], text, Reverse);
        registry.Member("join", "list_join", [s_texts], text, Join);
        registry.Member("join", "list_join_string", [s_texts, text], text, Join);
        registry.Member("format", "string_format", [text, CelType.AnyList], text, TextFormat.Run);
        registry.Global("strings.quote", "strings_quote", [text], text, Quote);
    }

    /// <summary>A part of a text; nothing is copied.</summary>
    internal static CelValue Slice(in CelValue text, int start, int length)
    {
        var segment = text.AsSegment;
        return CelValue.String(segment.Array!, segment.Offset + start, length);
    }

    private static CelValue CharAt(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var text = arguments[0].AsSpan;
        if (!frame.TryWalk(text.Length))
            return frame.Stopped();
        var at = CodePoints.Offset(text, arguments[1].AsInt);
        return at < 0 ? CelValue.Of(s_index)
            : Slice(arguments[0], at, at == text.Length ? 0 : CodePoints.Length(text, at));
    }

    private static CelValue IndexOf(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        ReadOnlySpan<byte> text = arguments[0].AsSpan, sought = arguments[1].AsSpan;
        if (!frame.TryWalk(text.Length))
            return frame.Stopped();
        var from = arguments.Length > 2 ? arguments[2].AsInt : 0;
        var start = CodePoints.Offset(text, from);
        if (start < 0)
            return CelValue.Of(s_index);
        var found = TextSearch.IndexOf(text[start..], sought, frame);
        if (frame.Halted is not null)
            return frame.Stopped();
        return CelValue.Of(found < 0 ? -1L : from + CodePoints.Count(text.Slice(start, found)));
    }

    private static CelValue LastIndexOf(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        ReadOnlySpan<byte> text = arguments[0].AsSpan, sought = arguments[1].AsSpan;
        if (!frame.TryWalk(text.Length))
            return frame.Stopped();
        var end = text.Length;
        if (arguments.Length > 2)
        {
            var start = CodePoints.Offset(text, arguments[2].AsInt);
            if (start < 0)
                return CelValue.Of(s_index);
            end = (int)Math.Min(end, (long)start + sought.Length);
        }
        var found = TextSearch.LastIndexOf(text[..end], sought, frame);
        if (frame.Halted is not null)
            return frame.Stopped();
        return CelValue.Of(found < 0 ? -1L : CodePoints.Count(text[..found]));
    }

    private static CelValue ChangeCase(Frame frame, ReadOnlySpan<CelValue> arguments, byte from, byte to)
    {
        var text = arguments[0].AsSpan;
        if (!frame.TryWalk(text.Length))
            return frame.Stopped();
        var first = text.IndexOfAnyInRange(from, to);
        if (first < 0)
            return arguments[0];
        if (!frame.Arena.TryReserve(text.Length, out var room))
            return frame.Stopped();
        var changed = room.AsSpan();
        text.CopyTo(changed);
        for (var i = first; i < changed.Length; i++)
        {
            if (changed[i] >= from && changed[i] <= to)
                changed[i] ^= 0x20;
        }
        return CelValue.String(room.Array!, room.Offset, room.Count);
    }

    private static CelValue Substring(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var text = arguments[0].AsSpan;
        if (!frame.TryWalk(text.Length))
            return frame.Stopped();
        var start = CodePoints.Offset(text, arguments[1].AsInt);
        if (start < 0)
            return CelValue.Of(s_index);
        if (arguments.Length == 2)
            return Slice(arguments[0], start, text.Length - start);
        var length = arguments[2].AsInt - arguments[1].AsInt;
        if (length < 0)
            return CelValue.Of(arguments[2].AsInt < 0 ? s_index : s_range);
        var end = CodePoints.Offset(text[start..], length);
        return end < 0 ? CelValue.Of(s_index) : Slice(arguments[0], start, end);
    }

    /// <summary>Takes white space off, which is what Unicode says it is (the property White_Space).</summary>
    private static CelValue Trim(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var text = arguments[0].AsSpan;
        if (!frame.TryWalk(text.Length))
            return frame.Stopped();
        int start = 0, end = text.Length, length;
        Rune rune;
        while (start < end && IsSpace(Rune.DecodeFromUtf8(text[start..end], out rune, out length), rune))
            start += length;
        while (end > start && IsSpace(Rune.DecodeLastFromUtf8(text[start..end], out rune, out length), rune))
            end -= length;
        return Slice(arguments[0], start, end - start);

        static bool IsSpace(OperationStatus status, Rune rune) =>
            status == OperationStatus.Done && Rune.IsWhiteSpace(rune);
    }

    private static CelValue Reverse(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var text = arguments[0].AsSpan;
        if (!frame.TryWalk(text.Length) || !frame.Arena.TryReserve(text.Length, out var room))
            return frame.Stopped();
        var reversed = room.AsSpan();
        for (int at = 0, length; at < text.Length; at += length)
        {
            length = CodePoints.Length(text, at);
            text.Slice(at, length).CopyTo(reversed[(text.Length - at - length)..]);
        }
        return CelValue.String(room.Array!, room.Offset, room.Count);
    }

    private static CelValue Join(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var separator = arguments.Length > 1 ? arguments[1].AsSpan : default;
        var items = new ListReader(arguments[0], frame.Arena);
        var text = new TextBuilder(frame.Arena, 64);
        for (var first = true; items.Next(out var item); first = false)
        {
            if (item.Kind != CelKind.String)
                return item.IsError ? item : CelValue.Of(s_join);
            if (!frame.TryWalk(separator.Length + item.AsSpan.Length))
                return frame.Stopped();
            if (!first)
                text.Append(separator);
            text.Append(item.AsSpan);
        }
        return text.ToValue();
    }

    /// <summary>The text as a literal of CEL, in double quotes.</summary>
    private static CelValue Quote(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        const string Escaped = "\a\b\f\n\r\t\v\\\"";
        var names = "abfnrtv\\\""u8;
        var text = arguments[0].AsSpan;
        if (!frame.TryWalk(text.Length))
            return frame.Stopped();
        var quoted = new TextBuilder(frame.Arena, text.Length + 2);
        quoted.Append((byte)'"');
        var plain = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var escape = Escaped.IndexOf((char)text[at]);
            if (escape < 0)
                continue;
            quoted.Append(text[plain..at]);
            quoted.Append((byte)'\\');
            quoted.Append(names[escape]);
            plain = at + 1;
        }
        quoted.Append(text[plain..]);
        quoted.Append((byte)'"');
        return quoted.ToValue();
    }
}
