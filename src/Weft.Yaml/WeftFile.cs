using Weft.Options;
using Weft.Options.Schema;
using Weft.Yaml.Reading;

namespace Weft.Yaml;

/// <summary>Reads <c>weft.yaml</c>.</summary>
public static class WeftFile
{
    /// <summary>
    /// Reads files into options: YAML, variables, includes, later files over earlier ones, keys, and the checks of <see cref="OptionsValidator"/>.
    /// All problems are found in one pass. Never throws on what a file may hold, nor when it cannot be read.
    /// </summary>
    /// <param name="paths">The files. Each one replaces what the ones before it say, leaf by leaf; lists are replaced whole.</param>
    /// <param name="settings">How; null for the defaults.</param>
    public static ReadResult Read(IReadOnlyList<string> paths, ReadSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        settings ??= new();
        var problems = new List<OptionsProblem>();
        var sources = new SourceFiles();
        var variables = new Variables(settings, problems);
        var files = new FileTree(settings, variables, sources, problems);
        Node? tree = null;
        foreach (var path in paths)
        {
            if (files.Read(path, needsVersion: path == paths[0]) is { } next)
                tree = tree is null ? next : Merge.Over(tree, next);
        }
        var options = tree is null ? null : Bind(tree, settings, sources, problems, files.IsBroken);
        return Result(options, problems, sources, variables, settings, tree is null ? null : new Locator(tree));
    }

    private static WeftOptions? Bind(Node tree, ReadSettings settings, SourceFiles sources, List<OptionsProblem> problems, bool isBroken)
    {
        var reader = new Reader(settings.HostValue);
        WeftSchema.Root.TryRead(tree, OptionsPath.Root, reader, out var options);
        problems.AddRange(reader.Problems);
        sources.Hidden = reader.Hidden;
        // A file that is missing would be seen again as everything that it defines.
        if (options is null || isBroken)
            return options;
        var locator = new Locator(tree);
        var checking = new Checking(options, settings.Handlers, locator.Written);
        WeftSchema.Root.Check(options, OptionsPath.Root, checking);
        for (var i = 0; i < checking.Problems.Count; i++)
        {
            if (!reader.Explains(checking.Problems[i]))
                problems.Add(checking.Problems[i] with { Place = locator.Place(checking.Paths[i], checking.Problems[i].Stretch, sources) });
        }
        return options;
    }

    private static ReadResult Result(WeftOptions? options, List<OptionsProblem> problems, SourceFiles sources, Variables variables, ReadSettings settings, Locator? locator)
    {
        // An alias shows the same problem wherever it stands.
        var sorted = problems.Select(p => p with { Message = DisplayText.OneLine(p.Message) }).Distinct()
            .OrderBy(p => sources.Order(p.Place?.File ?? "")).ThenBy(p => p.Place?.Line).ThenBy(p => p.Place?.Column).ThenBy(p => p.Code.Number)
            .ToArray();
        var told = sorted.Take(settings.MaxProblems).ToArray();
        return new(sorted.Any(p => p.Severity == ProblemSeverity.Error) ? null : options, told, sorted.Length - told.Length, sources, variables.Unset, locator);
    }
}
