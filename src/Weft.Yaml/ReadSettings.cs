namespace Weft.Yaml;

/// <summary>How files are read.</summary>
public sealed record ReadSettings
{
    /// <summary>Gives the value of <c>${NAME}</c>; null when it is not set. Default: the environment of the process.</summary>
    public Func<string, string?> Variables { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>
    /// Whether a variable that is not set is an error. When not, what needs it is unknown and nothing is said about it, so that a file can be
    /// checked where its secrets are not. Default true.
    /// </summary>
    public bool RequireVariables { get; init; } = true;

    /// <summary>Gives the value of <c>config://Section:Key</c>; null (the default) when there is no host with a configuration.</summary>
    public Func<string, string?>? HostValue { get; init; }

    /// <summary>The names of the handlers that the program registers; null (the default) leaves names of handlers unchecked.</summary>
    public IReadOnlyCollection<string>? Handlers { get; init; }

    /// <summary>How deep maps and lists may be nested. 1 to 500, default 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>How many values a file may have once its aliases are replaced by what they stand for. Default 100,000.</summary>
    public int MaxNodes { get; init; } = 100_000;

    /// <summary>The largest file in bytes. Default 4 MB.</summary>
    public int MaxBytes { get; init; } = 4 << 20;

    /// <summary>How many problems are told at once. Default 100.</summary>
    public int MaxProblems { get; init; } = 100;
}
