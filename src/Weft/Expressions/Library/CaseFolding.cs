using System.Text;

namespace Weft.Expressions.Library;

/// <summary>Which letters differ in case only: Unicode's simple case folding, without regard to language.</summary>
internal static class CaseFolding
{
    // Beyond it there are no letters with case.
    private const int Last = 0x1FFFF;

    // The Turkish dotted I and dotless i fold to nothing but themselves.
    private const int DottedCapital = 0x130, DotlessSmall = 0x131;

    // An s to Unicode, but not to the mappings of .NET without regard to culture.
    private const int LongS = 0x17F;

    private static readonly Lazy<Dictionary<int, int[]>> s_groups = new(MakeGroups);

    /// <summary>Adds to a set all that folds as something in the range does.</summary>
    public static void Add(CodePointSet set, int first, int last)
    {
        foreach (var (letter, group) in s_groups.Value)
        {
            if (letter < first || letter > last)
                continue;
            foreach (var other in group)
                set.Add(other, other);
        }
    }

    /// <summary>Letters with the others of their group, themselves among them.</summary>
    private static Dictionary<int, int[]> MakeGroups()
    {
        var byKey = new Dictionary<int, List<int>>();
        for (var letter = 0; letter <= Last; letter++)
        {
            if (letter is >= 0xD800 and < 0xE000 or DottedCapital or DotlessSmall)
                continue;
            var upper = Rune.ToUpperInvariant(new Rune(letter));
            var key = letter == LongS ? 's' : Rune.ToLowerInvariant(upper).Value;
            if (key == letter && upper.Value == letter)
                continue;
            if (!byKey.TryGetValue(key, out var group))
                byKey[key] = group = [key];
            if (letter != key)
                group.Add(letter);
        }
        var groups = new Dictionary<int, int[]>();
        foreach (var group in byKey.Values)
        {
            foreach (var letter in group)
                groups[letter] = [.. group];
        }
        return groups;
    }
}
