using System.Text;
using System.Text.Unicode;
using Weft.Messages;

namespace Weft.Expressions.Data;

/// <summary>
/// Reads many paths out of a JSON text in one forward pass that ends as soon as all are found. Texts and numbers, lists and maps stay where
/// they stand; only texts with escapes are copied. Of members of the same name the first counts.
/// </summary>
/// <remarks>Made once from the slots of expressions; safe for use from many threads, each with a frame of its own.</remarks>
internal sealed class JsonPaths
{
    private readonly Branch _root;
    private readonly int _branches;
    private readonly int _wanted;

    /// <param name="paths">The slots.</param>
    /// <param name="depth">How many names of each path lead to the JSON text: 1 for <c>event.data.total</c>.</param>
    public JsonPaths(IReadOnlyCollection<SlotPath> paths, int depth)
    {
        _wanted = paths.Count;
        _root = new Branch([], paths, depth, ref _branches);
    }

    /// <summary>Fills the slots from a text.</summary>
    /// <param name="json">The array that the text stands in; it must not change while the frame is in use.</param>
    /// <param name="isTrusted">Whether the text is known to be UTF-8. Its form is checked as far as it is read.</param>
    /// <param name="frame">Gets the values.</param>
    public void Fill(ArraySegment<byte> json, bool isTrusted, Frame frame)
    {
        _root.Miss(frame);
        Span<ulong> seen = stackalloc ulong[(_branches / 64) + 1];
        seen.Clear();
        // Whoever sent the text said that it is JSON; that it is none shows in every value that was asked of it.
        if ((!isTrusted && !Utf8.IsValid(json)) || !new Walk(json, frame, seen, _wanted).TryRead(_root))
            _root.Fail(frame);
    }

    /// <summary>Fills the slots where there is no JSON text.</summary>
    public void Miss(Frame frame) => _root.Miss(frame);

    /// <summary>Fills the slots with a value that is no JSON: it has no fields.</summary>
    public void Set(in CelValue value, Frame frame) => _root.Set(value, frame);

    /// <summary>A name within the paths.</summary>
    private sealed class Branch
    {
        private static readonly CelValue s_noJson = CelValue.Of(CelError.Argument("The data is no JSON."));

        private readonly byte[] _name;
        private readonly int _depth;
        private readonly SlotPath? _slot;
        private readonly SlotPath[] _below;
        private readonly Branch[] _branches;

        public Branch(byte[] name, IReadOnlyCollection<SlotPath> paths, int depth, ref int count)
        {
            (_name, _depth) = (name, depth);
            Number = count++;
            _slot = paths.FirstOrDefault(p => p.Fields.Length == depth);
            _below = [.. paths.Where(p => p.Fields.Length > depth)];
            var branches = new List<Branch>();
            foreach (var group in _below.GroupBy(p => p.Fields[depth], StringComparer.Ordinal))
                branches.Add(new Branch(Encoding.UTF8.GetBytes(group.Key), [.. group], depth + 1, ref count));
            _branches = [.. branches];
        }

        public int Number { get; }

        public SlotPath? Slot => _slot;

        public bool HasBranches => _branches.Length > 0;

        /// <summary>The branch of a name as it stands between its quotes.</summary>
        public Branch? Find(ReadOnlySpan<byte> name)
        {
            foreach (var branch in _branches)
            {
                if (MapReader.IsName(name, branch._name))
                    return branch;
            }
            return null;
        }

        /// <summary>Nothing is here: the paths miss the name of this branch, or the variable itself.</summary>
        public void Miss(Frame frame)
        {
            if (_slot is not null)
                frame.Slots[_slot.Number] = _depth == 0 ? _slot.NotGiven : _slot.Missing(_depth - 1);
            foreach (var path in _below)
                frame.Slots[path.Number] = _depth == 0 ? path.NotGiven : path.Missing(_depth - 1);
        }

        /// <summary>An object is here: as long as nothing else is found, the paths below miss their next name.</summary>
        public void Enter(Frame frame)
        {
            foreach (var path in _below)
                frame.Slots[path.Number] = path.Missing(_depth);
        }

        /// <summary>Something is here that has no fields.</summary>
        public void Set(in CelValue value, Frame frame)
        {
            if (_slot is not null)
                frame.Slots[_slot.Number] = value;
            foreach (var path in _below)
                frame.Slots[path.Number] = path.NoMap(_depth);
        }

        public void Fail(Frame frame)
        {
            if (_slot is not null)
                frame.Slots[_slot.Number] = s_noJson;
            foreach (var path in _below)
                frame.Slots[path.Number] = s_noJson;
        }

        public int CountBelow => _below.Length;
    }

    /// <summary>One pass.</summary>
    private ref struct Walk(ArraySegment<byte> text, Frame frame, Span<ulong> seen, int wanted)
    {
        private readonly ReadOnlySpan<byte> _json = text;
        private readonly Span<ulong> _seen = seen;
        private int _left = wanted;

        /// <summary>Reads the whole text, or as much of it as it takes; false when it is no JSON.</summary>
        public bool TryRead(Branch root)
        {
            var end = Read(root, JsonSlice.SkipSpace(_json, 0), 0);
            return end >= 0 && (_left == 0 || JsonSlice.SkipSpace(_json, end) == _json.Length);
        }

        /// <summary>Reads a value. Ends early when nothing is left to be found.</summary>
        /// <returns>The byte after the value, or <see cref="JsonForm.Broken"/>.</returns>
        private int Read(Branch branch, int start, int depth)
        {
            int end;
            if (branch.HasBranches && JsonForm.Peek(_json, start) == '{')
            {
                branch.Enter(frame);
                end = ReadMembers(branch, start, depth + 1);
                if (_left == 0)
                    return end;
            }
            else
            {
                end = JsonForm.Skip(_json, start, depth);
                // What was looked for below cannot come any more.
                branch.Set(default, frame);
                _left -= branch.CountBelow;
            }
            if (end >= 0 && branch.Slot is { } slot)
            {
                frame.Slots[slot.Number] = Value(start, end);
                _left--;
            }
            return end;
        }

        private int ReadMembers(Branch branch, int at, int depth)
        {
            if (depth > JsonText.MaxDepth)
                return JsonForm.Broken;
            at = JsonSlice.SkipSpace(_json, at + 1);
            if (JsonForm.Peek(_json, at) == '}')
                return at + 1;
            while (true)
            {
                var end = JsonForm.SkipText(_json, at);
                if (end < 0)
                    return JsonForm.Broken;
                var found = branch.Find(_json[(at + 1)..(end - 1)]);
                at = JsonForm.SkipColon(_json, end);
                if (at < 0)
                    return JsonForm.Broken;
                at = found is null || !TryTake(found.Number) ? JsonForm.Skip(_json, at, depth) : Read(found, at, depth);
                if (at < 0 || _left == 0)
                    return at;
                at = JsonSlice.SkipSpace(_json, at);
                switch (JsonForm.Peek(_json, at))
                {
                    case (byte)',':
                        at = JsonSlice.SkipSpace(_json, at + 1);
                        break;
                    case (byte)'}':
                        return at + 1;
                    default:
                        return JsonForm.Broken;
                }
            }
        }

        private readonly bool TryTake(int branch)
        {
            ref var word = ref _seen[branch >> 6];
            var bit = 1UL << (branch & 63);
            var isFirst = (word & bit) == 0;
            word |= bit;
            return isFirst;
        }

        // A number that ends the text is copied: what follows in the array could be taken for more digits.
        private readonly CelValue Value(int start, int end) =>
            end == _json.Length && _json[start] is (byte)'-' or (>= (byte)'0' and <= (byte)'9')
                ? JsonSlice.ReadLastNumber(_json[start..end], frame.Inputs)
                : JsonSlice.Read(text.Array!, text.Offset + start, text.Offset + end, frame.Inputs);
    }
}
