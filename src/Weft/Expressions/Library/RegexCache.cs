using System.Text;
using System.Text.Unicode;

namespace Weft.Expressions.Library;

/// <summary>
/// Keeps the regular expressions that were compiled last, and why others are none, for patterns that do not stand in the text of an expression. Bounded; safe for use
/// from many threads.
/// </summary>
internal sealed class RegexCache
{
    private const int Ways = 4, Sets = 16;

    // What compiling costs, in steps: an expression with a new pattern for each item of a list must come to its end.
    private const int CompileSteps = 1000;

    private readonly Entry?[] _entries = new Entry?[Ways * Sets];
    private int _next;

    public static RegexCache Shared { get; } = new();

    /// <summary>The regular expression of a pattern.</summary>
    /// <param name="frame">Counts the steps when it must be compiled.</param>
    /// <param name="pattern">In UTF-8.</param>
    /// <param name="regex">The result.</param>
    /// <param name="error">Why there is none, when the result is false.</param>
    public bool TryGet(Frame frame, ReadOnlySpan<byte> pattern, out CompiledRegex regex, out CelValue error)
    {
        var hash = new HashCode();
        hash.AddBytes(pattern);
        var set = _entries.AsSpan((hash.ToHashCode() & (Sets - 1)) * Ways, Ways);
        foreach (ref var known in set)
        {
            if (Volatile.Read(ref known) is { } entry && pattern.SequenceEqual(entry.Pattern))
                return Found(entry, out regex, out error);
        }
        regex = null!;
        error = default;
        if (!frame.TryStep(CompileSteps + pattern.Length))
        {
            error = frame.Stopped();
            return false;
        }
        var made = Make(pattern);
        Volatile.Write(ref set[Interlocked.Increment(ref _next) & (Ways - 1)], made);
        return Found(made, out regex, out error);
    }

    private static bool Found(Entry entry, out CompiledRegex regex, out CelValue error)
    {
        regex = entry.Regex!;
        error = entry.Error;
        return entry.Regex is not null;
    }

    private static Entry Make(ReadOnlySpan<byte> pattern)
    {
        var error = "The regular expression is no UTF-8.";
        return Utf8.IsValid(pattern) && CompiledRegex.TryCreate(Encoding.UTF8.GetString(pattern), out var regex, out error)
            ? new Entry(pattern.ToArray(), regex, default)
            : new Entry(pattern.ToArray(), null, CelValue.Of(CelError.Argument(error)));
    }

    private sealed record Entry(byte[] Pattern, CompiledRegex? Regex, CelValue Error);
}
