using System.Text;
using Weft.Diagnostics;
using Weft.Options;
using Weft.Options.Schema;

namespace Weft.Yaml.Reading;

/// <summary>Reads a file with everything that it includes into one tree.</summary>
internal sealed class FileTree(ReadSettings settings, Variables variables, SourceFiles sources, List<OptionsProblem> problems)
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<string> _under = [];
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);

    /// <summary>True when a file could not be read at all, so that what the others say about it means little.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The tree of a file given by the user.</summary>
    /// <param name="file">As the user named it.</param>
    /// <param name="needsVersion">Whether the file must say which version of the form it has.</param>
    public Node? Read(string file, bool needsVersion)
    {
        _done.Clear();
        return Read(file, null, needsVersion);
    }

    private Node? Read(string file, OptionsPlace? from, bool needsVersion)
    {
        sources.Add(file);
        var place = from ?? new OptionsPlace(file, 1, 1, 1, 1);
        if (ReadText(file, place, from is not null) is not { } text)
        {
            IsBroken = true;
            return null;
        }
        sources.AddText(file, text);
        var before = problems.Count;
        var tree = YamlTree.Read(file, text, settings, variables, problems);
        IsBroken |= tree is null && problems.Count > before;
        if (tree is null && problems.Count > before)
            return null;
        tree ??= new Node(NodeKind.Map, new(file, 1, 1, 1, 1));
        if (tree.Kind != NodeKind.Map && !tree.IsNull)
        {
            problems.Add(new(ProblemCodes.WrongShape, "", null, $"The file is {tree.Noun}; it takes a map that begins with weft: {WeftSchema.Version}.") { Place = tree.Place with { EndLine = tree.Place.Line, EndColumn = tree.Place.Column + 1 } });
            IsBroken = true;
            return null;
        }
        CheckVersion(tree, needsVersion);
        return ReadIncludes(file, tree);
    }

    private string? ReadText(string file, OptionsPlace place, bool isIncluded)
    {
        try
        {
            using var stream = File.OpenRead(file);
            // A pipe has no length; one byte more than allowed is enough to know.
            var bytes = new byte[Math.Min(stream.CanSeek ? stream.Length : int.MaxValue, settings.MaxBytes) + 1];
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count > settings.MaxBytes)
                return Fail(ProblemCodes.TooLarge, $"The file {DisplayText.Of(file)} is larger than {settings.MaxBytes} bytes. Split it with include.");
            var text = s_utf8.GetString(bytes, 0, count);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Fail(isIncluded ? ProblemCodes.IncludeNotFound : ProblemCodes.FileUnreadable, $"The file {DisplayText.Of(file)} does not exist.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException and not DecoderFallbackException)
        {
            return Fail(ProblemCodes.FileUnreadable, $"The file {DisplayText.Of(file)} cannot be read: {(Directory.Exists(file) ? "it is a folder" : e is UnauthorizedAccessException ? "access is denied" : "the system refuses it")}.");
        }
        catch (DecoderFallbackException)
        {
            return Fail(ProblemCodes.NotText, $"The file {DisplayText.Of(file)} is not UTF-8 text.");
        }

        string? Fail(EventCode code, string message)
        {
            problems.Add(new(code, "", null, message) { Place = place });
            return null;
        }
    }

    private void CheckVersion(Node tree, bool isNeeded)
    {
        var entry = tree.Find("weft");
        if (entry is null && isNeeded)
            problems.Add(new(ProblemCodes.VersionMissing, "weft", null, $"The file does not say which form it has. Begin it with weft: {WeftSchema.Version}.") { Place = new(tree.Place.File, 1, 1, 1, 1) });
        else if (entry is not null && !(entry.Value is { Kind: NodeKind.Scalar, Text: "1" }))
            problems.Add(new(ProblemCodes.VersionUnknown, "weft", null, $"This version of Weft reads files of form {WeftSchema.Version}: write weft: {WeftSchema.Version}, or use a newer Weft.") { Place = entry.Value.Kind == NodeKind.Scalar ? entry.Value.Place : entry.Key.Place });
    }

    private Node ReadIncludes(string file, Node tree)
    {
        var include = tree.Find("include");
        var own = tree with { Kind = NodeKind.Map, Entries = [.. tree.Entries.Where(e => e.Key.Text is not ("weft" or "include"))] };
        _done.Add(Path.GetFullPath(file));
        if (include is null || include.Value.IsNull)
            return own;
        if (include.Value.Kind != NodeKind.List)
        {
            problems.Add(new(ProblemCodes.IncludeForm, "include", null, "include takes a list of files, such as [contracts.yaml, services/*.yaml].") { Place = include.Key.Place });
            return own;
        }
        _under.Add(Path.GetFullPath(file));
        foreach (var item in include.Value.Items)
        {
            foreach (var other in Expand(file, item))
            {
                if (ReadIncluded(other, item.Place) is { } added)
                    own = Merge.Include(own, added, WeftSchema.Root, OptionsPath.Root, problems);
            }
        }
        _under.RemoveAt(_under.Count - 1);
        return own;
    }

    private Node? ReadIncluded(string file, OptionsPlace place)
    {
        var full = Path.GetFullPath(file);
        if (_under.Contains(full))
        {
            var chain = _under[_under.IndexOf(full)..].Select(f => Path.GetFileName(f)).Append(Path.GetFileName(full));
            problems.Add(new(ProblemCodes.IncludeCycle, "include", null, $"Files include each other: {DisplayText.Of(string.Join(" → ", chain))}. Remove one of these includes.") { Place = place });
            return null;
        }
        // Two files may include the same third one.
        return _done.Contains(full) ? null : Read(file, place, needsVersion: false);
    }

    private IEnumerable<string> Expand(string file, Node item)
    {
        if (item.Kind != NodeKind.Scalar || item.IsNull || item.Text.Contains("**", StringComparison.Ordinal) || item.Text.Contains('\0', StringComparison.Ordinal))
        {
            problems.Add(new(ProblemCodes.IncludeForm, "include", null, "include takes names of files, in which * and ? stand for parts of one name; ** is not known.") { Place = item.Place });
            return [];
        }
        if (item.IsHole)
            return [];
        var folder = Path.GetDirectoryName(file) ?? "";
        if (!item.Text.AsSpan().ContainsAny('*', '?'))
            return [Path.Combine(folder, item.Text)];
        var found = FilePattern.Expand(folder, item.Text, sources);
        if (found.Count == 0)
            problems.Add(new(ProblemCodes.IncludeNotFound, "include", null, $"No file matches {DisplayText.Of(item.Text)}.") { Place = item.Place, Severity = ProblemSeverity.Warning });
        // A pattern may match the file that says it.
        return found.Where(f => !string.Equals(Path.GetFullPath(f), Path.GetFullPath(file), StringComparison.Ordinal));
    }
}
