namespace Weft.Expressions.Library;

/// <summary><c>split</c> and <c>replace</c>: a text cut at each place where another is found, or before each code point when that is empty.</summary>
internal static class TextPieces
{
    public static CelValue Split(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var text = arguments[0];
        var separator = arguments[1].AsSpan;
        var limit = Limit(arguments, 2);
        var arena = frame.Arena;
        if (!frame.TryWalk(text.AsSpan.Length))
            return frame.Stopped();
        var bottom = arena.StackTop;
        if (limit == 0 || (separator.IsEmpty && text.AsSpan.IsEmpty))
            return arena.PopList(bottom);
        var start = 0;
        for (var left = limit - 1; left > 0 && TryCut(text.AsSpan, start, separator, isFirst: false, frame, out var cut); left--)
        {
            arena.Push(StringLibrary.Slice(text, start, cut - start));
            start = cut + separator.Length;
            if (!frame.TryStep())
                break;
        }
        arena.Push(StringLibrary.Slice(text, start, text.AsSpan.Length - start));
        if (frame.Halted is null)
            return arena.PopList(bottom);
        arena.Drop(bottom);
        return frame.Stopped();
    }

    public static CelValue Replace(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        ReadOnlySpan<byte> text = arguments[0].AsSpan, old = arguments[1].AsSpan, by = arguments[2].AsSpan;
        if (!frame.TryWalk(text.Length))
            return frame.Stopped();
        var left = Limit(arguments, 3);
        if (left == 0 || !TryCut(text, 0, old, isFirst: true, frame, out var cut))
            return frame.Halted is null ? arguments[0] : frame.Stopped();
        var replaced = new TextBuilder(frame.Arena, text.Length + by.Length);
        var start = 0;
        do
        {
            if (!frame.TryWalk(by.Length))
                return frame.Stopped();
            replaced.Append(text[start..cut]);
            replaced.Append(by);
            start = cut + old.Length;
        }
        while (--left > 0 && TryCut(text, start, old, isFirst: false, frame, out cut));
        // An empty text is found behind the last code point too.
        if (old.IsEmpty && left > 0 && start < text.Length)
        {
            replaced.Append(text[start..]);
            replaced.Append(by);
            start = text.Length;
        }
        replaced.Append(text[start..]);
        return frame.Halted is null ? replaced.ToValue() : frame.Stopped();
    }

    /// <summary>How often at most; a negative number means as often as there is something to do.</summary>
    private static long Limit(ReadOnlySpan<CelValue> arguments, int index) =>
        arguments.Length > index && arguments[index].AsInt >= 0 ? arguments[index].AsInt : long.MaxValue;

    /// <summary>Where the next piece ends.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the piece begins.</param>
    /// <param name="separator">What is looked for; when it is empty, each code point is a piece.</param>
    /// <param name="isFirst">Whether an empty separator is found at the start already.</param>
    /// <param name="frame">Counts the steps.</param>
    /// <param name="cut">Where the separator begins.</param>
    /// <returns>False when the piece is the last.</returns>
    private static bool TryCut(ReadOnlySpan<byte> text, int start, ReadOnlySpan<byte> separator, bool isFirst, Frame frame, out int cut)
    {
        if (separator.IsEmpty)
        {
            cut = isFirst || start == text.Length ? start : start + CodePoints.Length(text, start);
            return isFirst || cut < text.Length;
        }
        var found = TextSearch.IndexOf(text[start..], separator, frame);
        cut = start + found;
        return found >= 0 && frame.Halted is null;
    }
}
