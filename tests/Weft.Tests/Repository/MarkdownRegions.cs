using System.Text.RegularExpressions;

namespace Weft.Tests.Repository;

/// <summary>
/// Parts of a page that are copies of files, so that nothing in the documentation was never run. Between
/// <c>&lt;!-- region: samples/first/weft.yaml --&gt;</c> and <c>&lt;!-- end --&gt;</c> stands one code block with the file,
/// or with the lines between <c>region NAME</c> and <c>endregion</c> of it when the mark is <c>PATH#NAME</c>.
/// </summary>
internal static partial class MarkdownRegions
{
    /// <summary>The page with each region filled from its file.</summary>
    /// <param name="page">The page as it is.</param>
    /// <param name="read">Reads a file by its path.</param>
    public static string Fill(string page, Func<string, string> read) =>
        Region().Replace(page, m => $"{m.Groups["mark"].Value}\n{m.Groups["fence"].Value}\n{Source(m.Groups["from"].Value, read)}```\n{m.Groups["end"].Value}");

    /// <summary>How many regions a page begins; those that do not end as they should are among them.</summary>
    public static int Count(string page) => Mark().Count(page);

    /// <summary>How many regions a page has that <see cref="Fill"/> understands.</summary>
    public static int CountWhole(string page) => Region().Count(page);

    private static string Source(string from, Func<string, string> read)
    {
        var parts = from.Split('#');
        var text = read(parts[0]);
        return parts.Length == 1 ? text : Named(text, parts[1]) ?? throw new InvalidOperationException($"{parts[0]} has no region {parts[1]}.");
    }

    private static string? Named(string text, string name)
    {
        var lines = text.Split('\n');
        var begin = Array.FindIndex(lines, line => Regex.IsMatch(line, $@"\bregion {Regex.Escape(name)}\s*$"));
        var end = begin < 0 ? -1 : Array.FindIndex(lines, begin, line => line.TrimEnd().EndsWith("endregion", StringComparison.Ordinal));
        if (end < 0)
            return null;

        var inside = lines[(begin + 1)..end];
        var indent = inside.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Concat(inside.Select(line => (line.Length > 0 ? line[indent..] : "") + "\n"));
    }

    [GeneratedRegex(@"(?<mark><!-- region: (?<from>\S+) -->)\n(?<fence>```\w*)\n(?<text>(?:(?!```|<!--).*\n)*)```\n(?<end><!-- end -->)")]
    private static partial Regex Region();

    [GeneratedRegex("<!-- region: ")]
    private static partial Regex Mark();
}
