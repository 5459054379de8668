using Weft.Diagnostics;

namespace Weft.Options;

/// <summary>One thing that is wrong, or doubtful, in what Weft was told. It never holds a value that could be a secret.</summary>
/// <param name="Code">Which kind of problem; its page is <c>docs/troubleshooting/NNNN.md</c>.</param>
/// <param name="Path">What it is about, such as <c>routes.orders.match.path</c>; empty when it is about a file as a whole.</param>
/// <param name="Value">What is said there, as it is written (<c>${NAME}</c> stays); null when nothing is said or it must not be shown.</param>
/// <param name="Message">What is wrong, what is allowed, and the remedy.</param>
public sealed record OptionsProblem(EventCode Code, string Path, string? Value, string Message)
{
    /// <summary>Whether it keeps Weft from starting. Default <see cref="ProblemSeverity.Error"/>.</summary>
    public ProblemSeverity Severity { get; init; } = ProblemSeverity.Error;

    /// <summary>Where it stands in a file; null for options made in C#.</summary>
    public OptionsPlace? Place { get; init; }

    /// <summary>Which part of the value it is about; null for all of it.</summary>
    internal TextStretch? Stretch { get; init; }

    /// <summary>True when it says that something is missing, which another problem nearby may explain.</summary>
    internal bool IsAbsence { get; init; }

    /// <summary><c>file:line:column WEFTnnnn message</c>, without the place when there is none.</summary>
    public override string ToString() => Place is { } place ? $"{place} {Code} {Message}" : $"{Code} {Message}";
}

/// <summary>A part of a value, in UTF-16 units.</summary>
internal sealed record TextStretch(int Start, int Length);

/// <summary>How bad a problem is.</summary>
public enum ProblemSeverity
{
    /// <summary>Weft does not start, or keeps what it runs.</summary>
    Error,

    /// <summary>Weft starts; <c>weft check --strict</c> fails.</summary>
    Warning,
}

/// <summary>A stretch of a file. Lines and columns count from 1; columns count UTF-16 units; the end is exclusive.</summary>
/// <param name="File">As it was named.</param>
/// <param name="Line">The first line.</param>
/// <param name="Column">The first column.</param>
/// <param name="EndLine">The last line.</param>
/// <param name="EndColumn">The column after the last.</param>
public sealed record OptionsPlace(string File, int Line, int Column, int EndLine, int EndColumn)
{
    /// <summary><c>file:line:column</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}
