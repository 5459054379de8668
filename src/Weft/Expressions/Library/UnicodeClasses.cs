using System.Collections.Concurrent;
using System.Globalization;

namespace Weft.Expressions.Library;

/// <summary>The classes that regular expressions know by name.</summary>
internal static class UnicodeClasses
{
    // In the order of UnicodeCategory.
    private static readonly string[] s_categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So",
    ];

    private static readonly ConcurrentDictionary<string, CodePointSet> s_known = new(StringComparer.Ordinal);

    /// <summary>What is allowed, for errors.</summary>
    public static string Allowed { get; } =
        $"general categories such as L, Lu, N and P, and the scripts {string.Join(", ", UnicodeScripts.Names)} are";

    /// <summary>A general category, a group of them by its first letter, a script or <c>Any</c>; null when there is none of this name.</summary>
    public static CodePointSet? Find(string name)
    {
        if (s_known.TryGetValue(name, out var known))
            return known;
        var set = name == "Any" ? CodePointSet.Of(0, CodePointSet.Max) : Category(name) ?? UnicodeScripts.Find(name);
        if (set is not null)
        {
            // Sorted before others see it.
            _ = set.Ranges;
            s_known[name] = set;
        }
        return set;
    }

    /// <summary>A class of POSIX, which is ASCII: <c>alpha</c>.</summary>
    public static CodePointSet? Posix(ReadOnlySpan<char> name) => name switch
    {
        "alnum" => Ascii("09AZaz"),
        "alpha" => Ascii("AZaz"),
        "ascii" => Ascii("\0\x7F"),
        "blank" => Ascii("\t\t  "),
        "cntrl" => Ascii("\0\x1F\x7F\x7F"),
        "digit" => Ascii("09"),
        "graph" => Ascii("!~"),
        "lower" => Ascii("az"),
        "print" => Ascii(" ~"),
        "punct" => Ascii("!/:@[`{~"),
        "space" => Ascii("\t\r  "),
        "upper" => Ascii("AZ"),
        "word" => Ascii("09AZ__az"),
        "xdigit" => Ascii("09AFaf"),
        _ => null,
    };

    /// <summary>A class of Perl, in ASCII only: <c>d</c>, <c>s</c> (without the vertical tab) or <c>w</c>.</summary>
    public static CodePointSet? Perl(char lowerName) => lowerName switch
    {
        'd' => Ascii("09"),
        's' => Ascii("\t\n\f\r  "),
        'w' => Ascii("09AZ__az"),
        _ => null,
    };

    /// <summary>A set from pairs of first and last.</summary>
    private static CodePointSet Ascii(string pairs)
    {
        var set = new CodePointSet();
        for (var i = 0; i < pairs.Length; i += 2)
            set.Add(pairs[i], pairs[i + 1]);
        return set;
    }

    private static CodePointSet? Category(string name)
    {
        Predicate<string> isMeant = name.Length == 1 ? category => category[0] == name[0] : category => category == name;
        if (!Array.Exists(s_categories, isMeant))
            return null;
        var isIn = Array.ConvertAll(s_categories, category => isMeant(category));
        var set = new CodePointSet();
        for (int point = 0, first = -1; point <= CodePointSet.Max + 1; point++)
        {
            // Code points that are not assigned yet are in no category here.
            var has = point <= CodePointSet.Max && (int)CharUnicodeInfo.GetUnicodeCategory(point) is var category
                && category < isIn.Length && isIn[category];
            if (has && first < 0)
                first = point;
            if (has || first < 0)
                continue;
            set.Add(first, point - 1);
            first = -1;
        }
        return set;
    }
}
