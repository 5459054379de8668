using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Weft.Options;

namespace Weft.Yaml.Reading;

/// <summary>A line of a file with a caret under a place, without what could be a secret.</summary>
internal static partial class SourceLine
{
    private const int Width = 160;
    private const string Mask = "***";

    /// <summary>Two lines, each ended by a line feed; null when the text of the file is not known.</summary>
    public static string? Of(OptionsPlace place, SourceFiles sources)
    {
        if (sources.Line(place.File, place.Line) is not { } line)
            return null;
        var start = Math.Min(place.Column - 1, line.Length);
        var end = Math.Clamp(place.EndLine > place.Line ? line.TrimEnd().Length : place.EndColumn - 1, Math.Min(start, line.Length), line.Length);
        (line, start, end) = Hide(line, start, end, Secrets(line, place, sources));
        (line, start, end) = Cut(line, start, end);
        var number = place.Line.ToString(CultureInfo.InvariantCulture).PadLeft(5);
        var shown = string.Concat(line.Select(c => c == '\t' ? ' ' : char.IsControl(c) ? '\uFFFD' : c));
        return $"{number} | {shown.TrimEnd()}\n{new string(' ', number.Length + 3 + start)}{new string('^', Math.Max(1, end - start))}\n";
    }

    /// <summary>The stretches of the line that must not be shown: what the reader found, passwords of addresses, and values behind telling keys.</summary>
    private static List<(int Start, int End)> Secrets(string line, OptionsPlace place, SourceFiles sources)
    {
        var found = new List<(int Start, int End)>();
        foreach (var node in sources.Hidden)
        {
            var at = node.Place;
            if (at.File == place.File && at.Line <= place.Line && place.Line <= at.EndLine && !node.IsNull)
                found.Add((at.Line < place.Line ? 0 : Math.Min(at.Column - 1, line.Length), at.EndLine > place.Line ? line.Length : Math.Min(at.EndColumn - 1, line.Length)));
        }
        foreach (Match match in TellingKey().Matches(line))
            found.Add((match.Groups["value"].Index, match.Groups["value"].Index + match.Groups["value"].Length));
        foreach (Match match in UserInfo().Matches(line))
            found.Add((match.Groups["value"].Index, match.Groups["value"].Index + match.Groups["value"].Length));
        found.Sort();
        return found;
    }

    private static (string Line, int Start, int End) Hide(string line, int start, int end, List<(int Start, int End)> secrets)
    {
        var text = new StringBuilder();
        var (newStart, newEnd, at) = (-1, -1, 0);
        foreach (var (from, to) in secrets)
        {
            if (from < at || to <= from)
                continue;
            Copy(from);
            if (start >= from && start < to)
                newStart = text.Length;
            text.Append(Mask);
            if (end > from && end <= to)
                newEnd = text.Length;
            at = to;
        }
        Copy(line.Length);
        return (text.ToString(), newStart < 0 ? text.Length : newStart, newEnd < 0 ? text.Length : newEnd);

        void Copy(int to)
        {
            if (newStart < 0 && start >= at && start <= to)
                newStart = text.Length + start - at;
            if (newEnd < 0 && end >= at && end <= to)
                newEnd = text.Length + end - at;
            text.Append(line, at, to - at);
        }
    }

    private static (string Line, int Start, int End) Cut(string line, int start, int end)
    {
        if (line.Length <= Width)
            return (line, start, end);
        var from = Math.Clamp(start - (Width / 2), 0, line.Length - Width);
        var text = string.Concat(from > 0 ? "…" : "", line.AsSpan(from, Width), from + Width < line.Length ? "…" : "");
        var shift = from - (from > 0 ? 1 : 0);
        return (text, start - shift, Math.Min(end - shift, text.Length));
    }

    [GeneratedRegex("""(?i)(?:password|passwd|pwd|secret|token|credential|api-?key)["']?\s*[:=]\s*(?<value>(?!secret://|config://|\$\{|[\s{\[&*])[^\s,}\]]+(?:[ \t]+[^\s,}\]:]+)*)""")]
    private static partial Regex TellingKey();

    [GeneratedRegex("""://(?<value>[^\s"']*)@""")]
    private static partial Regex UserInfo();
}
