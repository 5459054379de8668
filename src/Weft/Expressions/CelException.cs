using System.Globalization;
using System.Text;

namespace Weft.Expressions;

/// <summary>An expression that cannot be compiled. The message shows each problem below its line of the text.</summary>
/// <param name="text">The expression.</param>
/// <param name="problems">What is wrong with it.</param>
public sealed class CelException(string text, IReadOnlyList<CelProblem> problems) : Exception(Show(text, problems))
{
    private const int MaxBefore = 120;
    private const int MaxBehind = 80;

    /// <summary>The expression.</summary>
    public string Text { get; } = text;

    /// <summary>What is wrong with it, in the order of the text.</summary>
    public IReadOnlyList<CelProblem> Problems { get; } = problems;

    /// <summary>Problems as text: for each <c>line:column message</c>, the line, and carets below the place.</summary>
    internal static string Show(string text, IReadOnlyList<CelProblem> problems)
    {
        var shown = new StringBuilder();
        foreach (var problem in problems)
        {
            var start = Math.Min(problem.Start, text.Length);
            var lineStart = start == 0 ? 0 : text.LastIndexOf('\n', start - 1) + 1;
            var lineEnd = text.IndexOf('\n', start) is var end and >= 0 ? end : text.Length;
            var number = text.AsSpan(0, start).Count('\n') + 1;
            // Of a long line so much is shown that the place stands in it.
            var from = Math.Max(lineStart, start - MaxBefore);
            var to = Math.Min(lineEnd, start + MaxBehind);
            var carets = Math.Clamp(problem.Length, 1, Math.Max(1, to - start));
            var line = $"{(from > lineStart ? "…" : "")}{text[from..to].Replace('\t', ' ').TrimEnd('\r')}{(to < lineEnd ? "…" : "")}";
            if (shown.Length > 0)
                shown.Append('\n');
            shown.Append(CultureInfo.InvariantCulture, $"{number}:{start - lineStart + 1} {(problem.IsWarning ? "warning: " : "")}{problem.Message}\n");
            shown.Append(CultureInfo.InvariantCulture, $"  {line}\n  {new string(' ', start - from + (from > lineStart ? 1 : 0))}{new string('^', carets)}");
        }
        return shown.ToString();
    }
}
