using Weft.Options;
using Weft.Yaml.Reading;

namespace Weft.Yaml;

/// <summary>What reading gave.</summary>
public sealed class ReadResult
{
    private readonly Locator? _locator;

    internal ReadResult(WeftOptions? options, IReadOnlyList<OptionsProblem> problems, int left, SourceFiles sources, IReadOnlyList<string> unset, Locator? locator)
    {
        _locator = locator;
        Options = options;
        Problems = problems;
        ProblemsLeft = left;
        Sources = sources;
        UnsetVariables = unset;
    }

    /// <summary>The options; null when there is an error.</summary>
    public WeftOptions? Options { get; }

    /// <summary>Everything that is wrong, by file and line; at most <see cref="ReadSettings.MaxProblems"/>.</summary>
    public IReadOnlyList<OptionsProblem> Problems { get; }

    /// <summary>How many problems there are beside <see cref="Problems"/>.</summary>
    public int ProblemsLeft { get; }

    /// <summary>Every file that was read or looked for, in the order of reading: what to watch. As full paths.</summary>
    public IReadOnlyList<string> Files => Sources.Paths;

    /// <summary>The folders in which a pattern of <c>include</c> was looked up: a new file there may belong to the configuration.</summary>
    public IReadOnlyCollection<string> Folders => Sources.Folders;

    /// <summary>The variables that are not set, when that is allowed (<see cref="ReadSettings.RequireVariables"/>). With any, the options are fit for checks only.</summary>
    public IReadOnlyList<string> UnsetVariables { get; }

    /// <summary>Where a value is written; null when it is not, so that a default or another value holds.</summary>
    /// <param name="path">Keys and names from the top of the file, such as <c>policies</c>, <c>fragile</c>, <c>retry</c>, <c>max</c>.</param>
    public OptionsPlace? PlaceOf(params IReadOnlyList<string> path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return _locator?.Exact(path);
    }

    internal SourceFiles Sources { get; }
}
