using System.Text;

namespace Weft.Expressions.Library;

/// <summary>
/// Finds where a match and its groups are, as RE2 does (Pike's machine): all ways through the pattern go through the text side by side, in the
/// order in which they are preferred, so that time is linear to the text times the pattern.
/// </summary>
/// <remarks>
/// The engine of .NET without backtracking is faster and tells exactly whether there is a match, but not always which: with lazy repetitions and
/// groups in empty rounds it differs from RE2.
/// </remarks>
internal sealed class Re2Machine(Re2Program program)
{
    private readonly int[] _order = new int[program.Steps.Length], _nextOrder = new int[program.Steps.Length];
    private readonly long[] _seen = new long[program.Steps.Length];
    private readonly int[] _slots = new int[program.Steps.Length * program.Slots], _nextSlots = new int[program.Steps.Length * program.Slots];
    private readonly int[] _trial = new int[program.Slots];

    // What is still to be followed: a step, or ~slot with the value to set it back to.
    private readonly Stack<(int Step, int Value)> _stack = new();
    private long _round;

    /// <summary>Start and end of the whole and of each group of the last match; -1 where a group took no part.</summary>
    public int[] Match { get; } = new int[program.Slots];

    /// <summary>Finds the first match from a place on.</summary>
    /// <param name="text">All of the text, in UTF-8.</param>
    /// <param name="start">Where a match may begin; the start of a code point.</param>
    /// <param name="frame">Counts the steps; once they are used up the result means nothing.</param>
    public bool Find(ReadOnlySpan<byte> text, int start, Frame frame)
    {
        var (order, slots, nextOrder, nextSlots) = (_order, _slots, _nextOrder, _nextSlots);
        var (count, found) = (0, false);
        _round++;
        for (var at = start; ;)
        {
            if (!found)
            {
                Array.Fill(_trial, -1);
                count = Follow(text, at, 0, order, slots, count);
            }
            if (count == 0 && found || !frame.TryStep(1 + count / 8))
                return found;
            var length = 0;
            var point = -1;
            if (at < text.Length)
            {
                Rune.DecodeFromUtf8(text[at..], out var rune, out length);
                point = rune.Value;
            }
            _round++;
            var nextCount = 0;
            for (var i = 0; i < count; i++)
            {
                ref readonly var step = ref program.Steps[order[i]];
                var own = slots.AsSpan(order[i] * program.Slots, program.Slots);
                if (step.Kind == Re2StepKind.Match)
                {
                    // What comes behind is preferred less.
                    own.CopyTo(Match);
                    found = true;
                    break;
                }
                if (point < 0 || !Has(step.Ranges!, point))
                    continue;
                own.CopyTo(_trial);
                nextCount = Follow(text, at + length, order[i] + 1, nextOrder, nextSlots, nextCount);
            }
            if (at == text.Length)
                return found;
            at += length;
            (order, nextOrder, slots, nextSlots, count) = (nextOrder, order, nextSlots, slots, nextCount);
        }
    }

    /// <summary>Adds all steps that take a code point, or end, that are reached from a step without taking one.</summary>
    private int Follow(ReadOnlySpan<byte> text, int at, int from, int[] order, int[] slots, int count)
    {
        _stack.Push((from, 0));
        while (_stack.TryPop(out var todo))
        {
            if (todo.Step < 0)
            {
                _trial[~todo.Step] = todo.Value;
                continue;
            }
            if (_seen[todo.Step] == _round)
                continue;
            _seen[todo.Step] = _round;
            ref readonly var step = ref program.Steps[todo.Step];
            switch (step.Kind)
            {
                case Re2StepKind.Jump:
                    _stack.Push((step.Next, 0));
                    break;
                case Re2StepKind.Split:
                    _stack.Push((step.Other, 0));
                    _stack.Push((step.Next, 0));
                    break;
                case Re2StepKind.Save:
                    _stack.Push((~step.Next, _trial[step.Next]));
                    _trial[step.Next] = at;
                    _stack.Push((todo.Step + 1, 0));
                    break;
                case Re2StepKind.Place:
                    if (IsAt(text, at, (Re2PlaceKind)step.Next))
                        _stack.Push((todo.Step + 1, 0));
                    break;
                default:
                    _trial.CopyTo(slots, todo.Step * program.Slots);
                    order[count++] = todo.Step;
                    break;
            }
        }
        return count;
    }

    private static bool Has((int First, int Last)[] ranges, int point)
    {
        int low = 0, high = ranges.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].Last < point)
                low = middle + 1;
            else
                high = middle;
        }
        return low < ranges.Length && ranges[low].First <= point;
    }

    private static bool IsAt(ReadOnlySpan<byte> text, int at, Re2PlaceKind kind) => kind switch
    {
        Re2PlaceKind.TextStart => at == 0,
        Re2PlaceKind.TextEnd => at == text.Length,
        Re2PlaceKind.LineStart => at == 0 || text[at - 1] == '\n',
        Re2PlaceKind.LineEnd => at == text.Length || text[at] == '\n',
        Re2PlaceKind.WordBoundary => IsWord(text, at - 1) != IsWord(text, at),
        _ => IsWord(text, at - 1) == IsWord(text, at),
    };

    private static bool IsWord(ReadOnlySpan<byte> text, int at) =>
        (uint)at < (uint)text.Length && (char.IsAsciiLetterOrDigit((char)text[at]) || text[at] == '_');
}
