using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Weft.Expressions.Data;

/// <summary>
/// Reads many paths out of a JSON text in one forward pass that ends as soon as all are found. Texts and numbers, lists and maps stay where
/// they stand; only texts with escapes are copied. Of members of the same name the first counts.
/// </summary>
/// <remarks>Made once from the slots of expressions; safe for use from many threads, each with a frame of its own.</remarks>
internal sealed class JsonPaths
{
    private const int MaxDepth = 64;

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
    /// <param name="isTrusted">Whether the text is known to be well-formed UTF-8.</param>
    /// <param name="frame">Gets the values.</param>
    public void Fill(ArraySegment<byte> json, bool isTrusted, Frame frame)
    {
        _root.Miss(frame);
        Span<ulong> seen = stackalloc ulong[(_branches / 64) + 1];
        seen.Clear();
        try
        {
            if (!isTrusted && !System.Text.Unicode.Utf8.IsValid(json))
                throw new JsonException();
            var walk = new Walk(json, frame, seen, _wanted);
            walk.Read(_root);
        }
        catch (JsonException)
        {
            // Whoever sent the text said that it is JSON; that it is none shows in every value that was asked of it.
            _root.Fail(frame);
        }
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

        public Branch? Find(ref Utf8JsonReader reader)
        {
            var name = reader.ValueSpan;
            if (reader.ValueIsEscaped)
                return FindEscaped(name);
            foreach (var branch in _branches)
            {
                if (name.SequenceEqual(branch._name))
                    return branch;
            }
            return null;
        }

        // The reader's own comparison throws on half a surrogate pair, which anybody may send.
        private Branch? FindEscaped(ReadOnlySpan<byte> name)
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
    private ref struct Walk
    {
        private readonly byte[] _buffer;
        private readonly int _offset;
        private readonly int _length;
        private readonly Frame _frame;
        private readonly Span<ulong> _seen;
        private Utf8JsonReader _reader;
        private int _left;

        public Walk(ArraySegment<byte> json, Frame frame, Span<ulong> seen, int wanted)
        {
            (_buffer, _offset, _length, _frame, _left) = (json.Array!, json.Offset, json.Count, frame, wanted);
            _seen = seen;
            _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            _reader.Read();
        }

        /// <summary>Reads the value that the reader is at. Ends early when nothing is left to be found.</summary>
        public void Read(Branch branch)
        {
            var start = (int)_reader.TokenStartIndex;
            var slot = branch.Slot;
            if (_reader.TokenType == JsonTokenType.StartObject && branch.HasBranches)
            {
                branch.Enter(_frame);
                while (_left > 0 && _reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
                    ReadMember(branch);
                if (_reader.TokenType != JsonTokenType.EndObject)
                    return;
            }
            else if (branch.HasBranches)
            {
                // What was looked for below cannot come any more.
                branch.Set(default, _frame);
                _left -= branch.CountBelow;
            }
            if (slot is not null)
            {
                _frame.Slots[slot.Number] = Value(start);
                _left--;
            }
            else if (_reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                _reader.Skip();
            }
        }

        private void ReadMember(Branch branch)
        {
            var found = branch.Find(ref _reader);
            _reader.Read();
            if (found is null || !TryTake(found.Number))
                _reader.Skip();
            else
                Read(found);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly bool TryTake(int branch)
        {
            ref var word = ref _seen[branch >> 6];
            var bit = 1UL << (branch & 63);
            var isFirst = (word & bit) == 0;
            word |= bit;
            return isFirst;
        }

        private CelValue Value(int start)
        {
            switch (_reader.TokenType)
            {
                case JsonTokenType.String when !_reader.ValueIsEscaped:
                    return CelValue.String(_buffer, _offset + start + 1, _reader.ValueSpan.Length);
                case JsonTokenType.String:
                    return JsonSlice.ReadString(_buffer, _offset + start + 1, _offset + start + 1 + _reader.ValueSpan.Length, _frame.Inputs);
                case JsonTokenType.Number when start + _reader.ValueSpan.Length == _length:
                    return JsonSlice.ReadLastNumber(_reader.ValueSpan, _frame.Inputs);
                case JsonTokenType.Number:
                    return JsonSlice.ReadNumber(_buffer, _offset + start, _offset + start + _reader.ValueSpan.Length);
                case JsonTokenType.True:
                    return CelValue.True;
                case JsonTokenType.False:
                    return CelValue.False;
                case JsonTokenType.Null:
                    return CelValue.Null;
                case JsonTokenType.StartArray:
                    _reader.Skip();
                    return CelValue.JsonList(_buffer, _offset + start, (int)_reader.BytesConsumed - start);
                case JsonTokenType.StartObject:
                    _reader.Skip();
                    return CelValue.JsonMap(_buffer, _offset + start, (int)_reader.BytesConsumed - start);
                default:
                    return CelValue.JsonMap(_buffer, _offset + start, (int)_reader.BytesConsumed - start);
            }
        }
    }
}
