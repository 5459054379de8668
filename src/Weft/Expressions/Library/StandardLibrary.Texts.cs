using System.Text;

namespace Weft.Expressions.Library;

/// <summary>Texts, which are UTF-8: parts of them are found byte by byte, because no code point begins inside another.</summary>
internal static partial class StandardLibrary
{
    private static void DeclareTexts(Registry registry)
    {
        CelType[] texts = [CelType.String, CelType.String];
        Size(registry, "string", CelType.String, static (frame, v) => CelValue.Of((long)CodePoints(v[0].AsSpan, frame)));
        Size(registry, "bytes", CelType.Bytes, static (_, v) => CelValue.Of((long)v[0].AsSpan.Length));
        registry.Member("contains", "contains_string", texts, CelType.Bool, Contains);
        registry.Member("startsWith", "starts_with_string", texts, CelType.Bool, StartsWith);
        registry.Member("endsWith", "ends_with_string", texts, CelType.Bool, EndsWith);
    }

    private static CelValue StartsWith(Frame frame, ReadOnlySpan<CelValue> values)
    {
        CountBytes(frame, values[1].AsSpan.Length);
        return CelValue.Of(values[0].AsSpan.StartsWith(values[1].AsSpan));
    }

    private static CelValue EndsWith(Frame frame, ReadOnlySpan<CelValue> values)
    {
        CountBytes(frame, values[1].AsSpan.Length);
        return CelValue.Of(values[0].AsSpan.EndsWith(values[1].AsSpan));
    }

    private static int CodePoints(ReadOnlySpan<byte> text, Frame frame)
    {
        frame.TryStep(text.Length / 64);
        if (Ascii.IsValid(text))
            return text.Length;
        var count = 0;
        foreach (var unit in text)
        {
            if ((unit & 0xC0) != 0x80)
                count++;
        }
        return count;
    }

    private static CelValue Contains(Frame frame, ReadOnlySpan<CelValue> values)
    {
        ReadOnlySpan<byte> text = values[0].AsSpan, part = values[1].AsSpan;
        // The worst case looks at every byte of the part for every byte of the text.
        frame.TryStep((text.Length + 63L) / 64 * ((part.Length + 63L) / 64));
        return frame.Halted is { } halted ? CelValue.Of(halted) : CelValue.Of(text.IndexOf(part) >= 0);
    }
}
