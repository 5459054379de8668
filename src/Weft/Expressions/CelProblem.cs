namespace Weft.Expressions;

/// <summary>Something that is wrong, or doubtful, in the text of an expression.</summary>
/// <param name="Start">Where it begins, in UTF-16 units from the start of the text.</param>
/// <param name="Length">How long it is; 0 at the end of the text.</param>
/// <param name="Message">What is wrong, what is allowed, and the remedy.</param>
public sealed record CelProblem(int Start, int Length, string Message)
{
    /// <summary>Whether it is a doubt only, which keeps nothing from running.</summary>
    public bool IsWarning { get; init; }
}
