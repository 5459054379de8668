namespace Weft.Diagnostics;

/// <summary>Finds what somebody probably meant.</summary>
internal static class Nearest
{
    private const int Limit = 2;

    /// <summary>The candidate at the smallest edit distance, at most two, and one when neither word has more than four letters, upper and lower case being the same; null when none is near.</summary>
    public static string? To(string text, IEnumerable<string> candidates)
    {
        string? best = null;
        var bestDistance = Limit + 1;
        foreach (var candidate in candidates)
        {
            // A word of two letters is near to every other one.
            var distance = Math.Min(candidate.Length, text.Length) <= Limit && !candidate.StartsWith(text, StringComparison.OrdinalIgnoreCase)
                ? Limit + 1
                : Distance(text, candidate);
            // Two of three or four letters that differ make another word.
            if (distance < bestDistance && (distance < Limit || Math.Max(candidate.Length, text.Length) > 2 * Limit))
                (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    /// <summary><c> Did you mean 'x'?</c> or nothing.</summary>
    public static string Hint(string text, IEnumerable<string> candidates) => Hint(To(text, candidates));

    public static string Hint(string? near) => near is null ? "" : $" Did you mean '{near}'?";

    /// <summary>Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > Limit)
            return Limit + 1;
        int[] before = new int[b.Length + 1], last = new int[b.Length + 1], row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 2])
                    && char.ToLowerInvariant(a[i - 2]) == char.ToLowerInvariant(b[j - 1]))
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last, row) = (last, row, before);
        }
        return last[b.Length];
    }
}
