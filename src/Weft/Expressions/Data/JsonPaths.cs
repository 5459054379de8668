using System.Text;
using System.Text.Unicode;

namespace Weft.Expressions.Data;

/// <summary>
/// Reads many paths out of a JSON text in one forward pass that ends as soon as all are found. Texts and numbers, lists and maps stay where
/// they stand; only texts with escapes are copied. Of members of the same name the first counts.
/// </summary>
/// <remarks>Made once from the slots of expressions; safe for use from many threads, each with a frame of its own.</remarks>
internal sealed partial class JsonPaths
{
    private readonly Branch _root;
    private readonly int _branches;
    private readonly int _wanted;
    private readonly int[] _looped;

    /// <param name="paths">The slots.</param>
    /// <param name="depth">How many names of each path lead to the JSON text: 1 for <c>event.data.total</c>.</param>
    public JsonPaths(IReadOnlyCollection<SlotPath> paths, int depth)
    {
        _wanted = paths.Count;
        _looped = [.. paths.Where(p => p.IsLooped).Select(p => p.Number)];
        _root = new Branch([], paths, depth, ref _branches);
    }

    /// <summary>Fills the slots from a text.</summary>
    /// <param name="json">The array that the text stands in; it must not change while the frame is in use.</param>
    /// <param name="isTrusted">Whether the text is known to be UTF-8. Its form is checked as far as it is read.</param>
    /// <param name="frame">Gets the values.</param>
    public void Fill(ArraySegment<byte> json, bool isTrusted, Frame frame)
    {
        ClearRows(frame);
        Span<ulong> seen = stackalloc ulong[(_branches / 64) + 1];
        seen.Clear();
        // Whoever sent the text said that it is JSON; that it is none shows in every value that was asked of it.
        if ((!isTrusted && !Utf8.IsValid(json)) || !new Walk(json, frame, seen, _wanted).TryRead(_root))
            _root.Fail(frame);
    }

    /// <summary>Fills the slots where there is no JSON text.</summary>
    public void Miss(Frame frame)
    {
        ClearRows(frame);
        _root.Miss(frame);
    }

    /// <summary>Fills the slots with a value that is no JSON: it has no fields.</summary>
    public void Set(in CelValue value, Frame frame)
    {
        ClearRows(frame);
        _root.Set(value, frame);
    }

    private void ClearRows(Frame frame)
    {
        foreach (var number in _looped)
            frame.Rows[number] = default;
    }

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
            Rows = _slot is { IsLooped: true } ? new JsonRows(_slot) : null;
            _below = [.. paths.Where(p => p.Fields.Length > depth)];
            var branches = new List<Branch>();
            foreach (var group in _below.GroupBy(p => p.Fields[depth], StringComparer.Ordinal))
                branches.Add(new Branch(Encoding.UTF8.GetBytes(group.Key), [.. group], depth + 1, ref count));
            _branches = [.. branches];
        }

        public int Number { get; }

        public SlotPath? Slot => _slot;

        public bool HasBranches => _branches.Length > 0;

        /// <summary>What is read of the items when a list is here; null when no loop goes over it.</summary>
        public JsonRows? Rows { get; }

        /// <summary>The branch of a name as it stands between its quotes.</summary>
        public Branch? Find(ReadOnlySpan<byte> name, bool isPlain)
        {
            foreach (var branch in _branches)
            {
                if (isPlain ? name.SequenceEqual(branch._name) : MapReader.IsName(name, branch._name))
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
}
