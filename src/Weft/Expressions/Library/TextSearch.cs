namespace Weft.Expressions.Library;

/// <summary>Finds one text in another. What a hard pair of texts costs beyond reading them once is counted in steps.</summary>
internal static class TextSearch
{
    // So much of the sought text is searched for as a whole; for longer ones the rest is compared where the head is found.
    private const int Head = 16;

    /// <summary>The first place, or -1. Once the steps are used up the result means nothing.</summary>
    public static int IndexOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> sought, Frame frame)
    {
        if (sought.Length <= Head)
            return text.IndexOf(sought);
        for (var at = 0; ; at++)
        {
            var next = text[at..].IndexOf(sought[..Head]);
            at += next;
            if (next < 0 || text.Length - at < sought.Length || !TryCompare(text[at..], sought, frame, out var found))
                return -1;
            if (found)
                return at;
        }
    }

    /// <summary>The last place, or -1. Once the steps are used up the result means nothing.</summary>
    public static int LastIndexOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> sought, Frame frame)
    {
        if (sought.IsEmpty)
            return text.Length;
        if (sought.Length <= Head)
            return text.LastIndexOf(sought);
        for (var end = text.Length - sought.Length; end >= 0;)
        {
            var at = text[..(end + Head)].LastIndexOf(sought[..Head]);
            if (at < 0 || !TryCompare(text[at..], sought, frame, out var found))
                return -1;
            if (found)
                return at;
            end = at - 1;
        }
        return -1;
    }

    private static bool TryCompare(ReadOnlySpan<byte> text, ReadOnlySpan<byte> sought, Frame frame, out bool found)
    {
        var same = text.CommonPrefixLength(sought);
        found = same == sought.Length;
        return found || same < 64 || frame.TryStep(same / 64);
    }
}
