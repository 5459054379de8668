using Weft.Expressions.Checking;
using Weft.Expressions.Library;
using Weft.Expressions.Planning;

namespace Weft.Expressions.Data;

/// <summary>A piece of a template.</summary>
/// <param name="Node">Gives its value.</param>
/// <param name="Hole">As it is written, with braces; null for the text between holes.</param>
/// <param name="Escape">What becomes of its value.</param>
/// <param name="EndsSegment">Whether a segment of a path ends with it, which cannot be empty then.</param>
internal sealed record TemplatePiece(Node Node, string? Hole, HoleEscape Escape, bool EndsSegment = false);

/// <summary>Puts a template together.</summary>
internal sealed class TemplateNode(TemplatePiece[] pieces, TemplatePlace place) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var text = new TextBuilder(frame.Arena, 128);
        foreach (var piece in pieces)
        {
            var value = piece.Node.Evaluate(frame);
            if (piece.Hole is null)
                text.Append(value.AsSpan);
            else if (Append(piece, value, frame, ref text) is { } error)
                return CelValue.Of(error);
        }
        var whole = text.ToValue();
        return place == TemplatePlace.Url && !whole.IsError && Escaping.WrongSegment(whole.AsSpan) is { } wrong
            ? CelValue.Of(CelError.Argument($"The values of the holes make a path with {wrong}."))
            : whole;
    }

    private static CelError? Append(TemplatePiece piece, in CelValue value, Frame frame, ref TextBuilder text)
    {
        if (value.IsError)
            return value.Error! with { Message = $"{piece.Hole}: {value.Error!.Message}" };
        var plain = value.Kind == CelKind.String ? value : ToText(value, frame);
        if (plain.Kind != CelKind.String)
            return plain.Error ?? CelError.Argument($"{piece.Hole} gives a value of type {TypeText.Of(ValueOperations.TypeOf(value))}. A hole takes a text, a number, a bool or a time{Way(value)}.");
        if (!Escaping.Append(piece.Escape, plain.AsSpan, ref text))
            return CelError.Argument($"{piece.Hole} gives a text with control characters, which a header cannot have.");
        return piece.EndsSegment && text.EndsIn((byte)'/')
            ? CelError.Argument($"{piece.Hole} gives an empty text, which would make another path.")
            : null;
    }

    private static string Way(in CelValue value) => value.Kind switch
    {
        CelKind.Optional => ": end with .orValue('none')",
        CelKind.List => ": list.join(', ') makes a text of texts",
        _ => "",
    };

    /// <summary>Numbers, bools and times as <c>string()</c> writes them; others stay what they are.</summary>
    private static CelValue ToText(in CelValue value, Frame frame)
    {
        if (value.IsJson && Numbers.IsNumber(value.Kind))
        {
            var start = value.JsonStart;
            return CelValue.String(value.JsonBuffer, start, JsonSlice.SkipValue(value.JsonBuffer, start) - start);
        }
        if (value.Kind is not (CelKind.Bool or CelKind.Int or CelKind.UInt or CelKind.Double or CelKind.Decimal or CelKind.Timestamp or CelKind.Duration))
            return value;
        foreach (var overload in s_string.OverloadSpan)
        {
            if (overload.Accepts([value]))
                return overload.Run!(frame, [value]);
        }
        return value;
    }

    private static readonly Function s_string = Libraries.All.Functions["string"];
}

/// <summary>Keeps values of templates within their place.</summary>
internal static class Escaping
{
    /// <summary>Appends a value.</summary>
    /// <returns>False when it cannot stand in the place at all.</returns>
    public static bool Append(HoleEscape escape, ReadOnlySpan<byte> utf8, ref TextBuilder text)
    {
        switch (escape)
        {
            case HoleEscape.Part:
                foreach (var b in utf8)
                    Encode(b, IsUnreserved(b), ref text);
                return true;
            case HoleEscape.Segments:
                for (var i = 0; i < utf8.Length; i++)
                    Encode(utf8[i], IsUnreserved(utf8[i]) || "/!$&'()*+,;=:@"u8.Contains(utf8[i]) || IsEscape(utf8[i..]), ref text);
                return true;
            case HoleEscape.Header:
                foreach (var b in utf8)
                {
                    if (b is < 0x20 and not (byte)'\t' or 0x7f)
                        return false;
                    Encode(b, b < 0x80, ref text);
                }
                return true;
            default:
                text.Append(utf8);
                return true;
        }
    }

    /// <summary>What must not be in a path, in words; null when nothing is. Servers resolve dots, and an empty segment is often another resource.</summary>
    public static string? WrongSegment(ReadOnlySpan<byte> url)
    {
        var end = url.IndexOf((byte)'?');
        var path = end < 0 ? url : url[..end];
        if (path.StartsWith("/"u8))
            path = path[1..];
        while (path.IndexOf((byte)'/') is >= 0 and var slash)
        {
            if (Wrong(path[..slash]) is { } wrong)
                return wrong;
            path = path[(slash + 1)..];
        }
        return path.IsEmpty ? null : Wrong(path);

        static string? Wrong(ReadOnlySpan<byte> segment) => segment.IsEmpty ? "an empty segment" : IsDots(segment) ? "the segment '.' or '..'" : null;
    }

    // One or two dots, escaped or not; what follows a semicolon some servers take for no part of the segment.
    private static bool IsDots(ReadOnlySpan<byte> segment)
    {
        var dots = 0;
        for (; !segment.IsEmpty && dots < 3; dots++)
        {
            if (segment[0] == '.')
                segment = segment[1..];
            else if (segment is [(byte)'%', (byte)'2', (byte)'e' or (byte)'E', ..])
                segment = segment[3..];
            else
                break;
        }
        return dots is 1 or 2 && (segment.IsEmpty || segment[0] == ';');
    }

    private static bool IsEscape(ReadOnlySpan<byte> utf8) => utf8 is [(byte)'%', var high, var low, ..] && char.IsAsciiHexDigit((char)high) && char.IsAsciiHexDigit((char)low);

    private static bool IsUnreserved(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~';

    private static void Encode(byte b, bool asItIs, ref TextBuilder text)
    {
        if (asItIs)
        {
            text.Append(b);
            return;
        }
        text.Append((byte)'%');
        text.Append((byte)"0123456789ABCDEF"[b >> 4]);
        text.Append((byte)"0123456789ABCDEF"[b & 15]);
    }
}
