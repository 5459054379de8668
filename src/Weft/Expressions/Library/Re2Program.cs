namespace Weft.Expressions.Library;

/// <summary>A pattern as steps for <see cref="Re2Machine"/>.</summary>
internal sealed class Re2Program
{
    private readonly List<Re2Step> _steps = [];

    /// <summary>Writes the steps of a pattern; group 0 is the whole.</summary>
    public Re2Program(Re2Node root, int groups)
    {
        Slots = 2 * (groups + 1);
        var group = 1;
        Add(Re2StepKind.Save);
        Write(root, ref group);
        Add(Re2StepKind.Save, next: 1);
        Add(Re2StepKind.Match);
        Steps = [.. _steps];
    }

    public Re2Step[] Steps { get; }

    /// <summary>How many places a match remembers: start and end of each group.</summary>
    public int Slots { get; }

    private int Add(Re2StepKind kind, int next = 0, int other = 0, CodePointSet? set = null)
    {
        _steps.Add(new Re2Step(kind, next, other, set?.Ranges.ToArray()));
        return _steps.Count - 1;
    }

    private void Write(Re2Node node, ref int group)
    {
        switch (node)
        {
            case Re2Set set:
                Add(Re2StepKind.Set, set: set.Set);
                break;
            case Re2Place place:
                Add(Re2StepKind.Place, (int)place.Kind);
                break;
            case Re2Sequence sequence:
                foreach (var item in sequence.Items)
                    Write(item, ref group);
                break;
            case Re2Choice choice:
                WriteChoice(choice, ref group);
                break;
            case Re2Group remembered:
                var number = group++;
                Add(Re2StepKind.Save, 2 * number);
                Write(remembered.Item, ref group);
                Add(Re2StepKind.Save, 2 * number + 1);
                break;
            case Re2Repeat repeat:
                WriteRepeat(repeat, ref group);
                break;
        }
    }

    private void WriteChoice(Re2Choice choice, ref int group)
    {
        var ends = new List<int>();
        for (var i = 0; i < choice.Items.Length; i++)
        {
            var isLast = i == choice.Items.Length - 1;
            var split = isLast ? -1 : Add(Re2StepKind.Split, _steps.Count + 1);
            Write(choice.Items[i], ref group);
            if (isLast)
                break;
            ends.Add(Add(Re2StepKind.Jump));
            _steps[split] = _steps[split] with { Other = _steps.Count };
        }
        foreach (var end in ends)
            _steps[end] = _steps[end] with { Next = _steps.Count };
    }

    /// <summary>Copies of the item, each with the same groups. The last copy of an endless repetition is a loop.</summary>
    private void WriteRepeat(Re2Repeat repeat, ref int group)
    {
        var (first, last) = (group, group);
        var splits = new List<int>();
        for (var copy = 0; copy < (repeat.Max ?? repeat.Min); copy++)
        {
            if (copy >= repeat.Min)
                splits.Add(Add(Re2StepKind.Split));
            var start = _steps.Count;
            last = first;
            Write(repeat.Item, ref last);
            if (repeat.Max is null && copy == repeat.Min - 1)
            {
                var loop = Add(Re2StepKind.Split);
                Branch(loop, start, loop + 1, repeat.IsLazy);
            }
        }
        if (repeat is { Min: 0, Max: null })
        {
            // As in RE2, x* is (x+)?: what an empty round remembers depends on it.
            var skip = Add(Re2StepKind.Split);
            last = first;
            Write(repeat.Item, ref last);
            var loop = Add(Re2StepKind.Split);
            Branch(loop, skip + 1, loop + 1, repeat.IsLazy);
            splits.Add(skip);
        }
        foreach (var split in splits)
            Branch(split, split + 1, _steps.Count, repeat.IsLazy);
        group = first + CountGroups(repeat.Item);
    }

    private void Branch(int split, int go, int leave, bool isLazy) =>
        _steps[split] = _steps[split] with { Next = isLazy ? leave : go, Other = isLazy ? go : leave };

    private static int CountGroups(Re2Node node) => node switch
    {
        Re2Sequence sequence => sequence.Items.Sum(CountGroups),
        Re2Choice choice => choice.Items.Sum(CountGroups),
        Re2Repeat repeat => CountGroups(repeat.Item),
        Re2Group group => 1 + CountGroups(group.Item),
        _ => 0,
    };
}

internal enum Re2StepKind : byte
{
    /// <summary>Takes a code point of a set and goes on to the next step.</summary>
    Set,

    /// <summary>Goes on to the next step at a place of a kind.</summary>
    Place,

    /// <summary>Remembers the place and goes on to the next step.</summary>
    Save,

    /// <summary>Goes on to another step.</summary>
    Jump,

    /// <summary>Goes on to two steps, the first preferred.</summary>
    Split,

    /// <summary>The end of the pattern.</summary>
    Match,
}

/// <summary>A step of a pattern.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Next">Where a jump or split goes on; which place is remembered; which kind of place is meant.</param>
/// <param name="Other">Where a split goes on if not at <paramref name="Next"/>.</param>
/// <param name="Ranges">The set.</param>
internal readonly record struct Re2Step(Re2StepKind Kind, int Next, int Other, (int First, int Last)[]? Ranges);
