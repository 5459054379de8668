using System.IO.Enumeration;

namespace Weft.Yaml.Reading;

/// <summary>Finds the files of a pattern such as <c>services/*.yaml</c>: <c>*</c> and <c>?</c> stand for parts of one name.</summary>
internal static class FilePattern
{
    /// <summary>The files, sorted, named beginning with <paramref name="folder"/>.</summary>
    public static List<string> Expand(string folder, string pattern, SourceFiles sources)
    {
        var parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        List<string> found = [Path.IsPathRooted(pattern) ? Path.GetPathRoot(pattern)! : folder];
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            found = [.. found.SelectMany(f => Step(f, parts[i], isLast, sources))];
        }
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static IEnumerable<string> Step(string folder, string part, bool isLast, SourceFiles sources)
    {
        if (!part.AsSpan().ContainsAny('*', '?'))
            return isLast && !File.Exists(Path.Combine(folder, part)) ? [] : [Path.Combine(folder, part)];
        var real = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(real))
            return [];
        sources.AddFolder(real);
        var names = (isLast ? Directory.EnumerateFiles(real) : Directory.EnumerateDirectories(real)).Select(p => Path.GetFileName(p)!);
        return names.Where(n => FileSystemName.MatchesSimpleExpression(part, n, ignoreCase: false) && !n.StartsWith('.')).Select(n => Path.Combine(folder, n));
    }
}
