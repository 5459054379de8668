using System.Runtime.CompilerServices;
using Weft.Messages;

namespace Weft.Expressions.Data;

internal sealed partial class JsonPaths
{
    /// <summary>One pass.</summary>
    private ref struct Walk(ArraySegment<byte> text, Frame frame, Span<ulong> seen, int wanted)
    {
        private readonly ReadOnlySpan<byte> _json = text;
        private readonly Span<ulong> _seen = seen;
        private JsonScan _scan = new(text);
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
            var first = JsonForm.Peek(_json, start);
            if (branch.HasBranches)
            {
                if (first == '{')
                    return ReadMap(branch, start, depth);
                // What was looked for below cannot come any more.
                branch.Set(default, frame);
                _left -= branch.CountBelow;
            }
            if (branch.Slot is not { } slot)
                return _scan.Skip(start, depth);
            _left--;
            ref var value = ref frame.Slots[slot.Number];
            if (first != '[' || branch.Rows is not { } rows)
            {
                value = Take(start, depth, out var after);
                return after;
            }
            var end = ReadRows(rows, start, depth + 1);
            value = end < 0 ? default : Value(start, end);
            return end;
        }

        private int ReadMap(Branch branch, int start, int depth)
        {
            branch.Enter(frame);
            var end = ReadMembers(branch, start, depth + 1);
            if (end >= 0 && _left > 0 && branch.Slot is { } slot)
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
            for (var isFirst = true; TryMember(ref at, isFirst, out var name, out var isPlain); isFirst = false)
            {
                var found = branch.Find(name, isPlain);
                at = found is null || !TryTake(found.Number) ? _scan.Skip(at, depth) : Read(found, at, depth);
                if (at < 0 || _left == 0)
                    return at;
            }
            return at;
        }

        /// <summary>Reads a list whose items loops look into.</summary>
        private int ReadRows(JsonRows rows, int start, int depth)
        {
            if (depth > JsonText.MaxDepth)
                return JsonForm.Broken;
            var arena = frame.Inputs;
            var bottom = arena.StackTop;
            arena.Push(CelValue.Of((long)rows.Width));
            var at = start + 1;
            for (var next = JsonForm.Next(_json, ref at); next != ']'; next = JsonForm.Next(_json, ref at))
            {
                if (arena.StackTop - bottom > 1)
                {
                    if (next != ',')
                        return GiveUp(JsonForm.Broken);
                    at = JsonSlice.SkipSpace(_json, at + 1);
                }
                if (arena.StackTop - bottom > JsonRows.MaxValues)
                    return GiveUp(_scan.Skip(start, depth - 1));
                at = ReadRow(rows, arena.PushRoom(rows.Width), at, depth);
                if (at < 0)
                    return GiveUp(JsonForm.Broken);
            }
            frame.Rows[rows.Slot] = arena.PopList(bottom);
            return at + 1;

            int GiveUp(int end)
            {
                arena.Drop(bottom);
                return end;
            }
        }

        private int ReadRow(JsonRows rows, Span<CelValue> row, int start, int depth)
        {
            var at = start;
            if (JsonForm.Peek(_json, start) != '{')
            {
                row[0] = Take(start, depth, out at);
                return at;
            }
            if (depth == JsonText.MaxDepth)
                return JsonForm.Broken;
            for (var isFirst = true; TryMember(ref at, isFirst, out var name, out var isPlain); isFirst = false)
            {
                var place = rows.Find(name, isPlain);
                if (place > 0 && ReferenceEquals(row[place].Error, CelError.NoValue))
                    row[place] = Take(at, depth + 1, out at);
                else
                    at = _scan.Skip(at, depth + 1);
                if (at < 0)
                    return at;
            }
            if (at >= 0)
                row[0] = CelValue.JsonMap(text.Array!, text.Offset + start, at - start);
            return at;
        }

        /// <summary>Goes to the value of the next member.</summary>
        /// <param name="at">The brace, or the byte after the member before; then the value, or, without one, the byte after the object or <see cref="JsonForm.Broken"/>.</param>
        /// <param name="isFirst">Whether it is the first member.</param>
        /// <param name="name">Its name as it stands between the quotes.</param>
        /// <param name="isPlain">Whether the name has no escapes.</param>
        /// <returns>False when there is none.</returns>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private bool TryMember(ref int at, bool isFirst, out ReadOnlySpan<byte> name, out bool isPlain)
        {
            var here = isFirst ? at + 1 : at;
            var next = JsonForm.Next(_json, ref here);
            if (next == '}' || (!isFirst && next != ','))
            {
                at = next == '}' ? here + 1 : JsonForm.Broken;
                name = default;
                isPlain = false;
                return false;
            }
            if (!isFirst)
                here = JsonSlice.SkipSpace(_json, here + 1);
            var end = _scan.SkipText(here, out isPlain);
            if (end < 0 || (at = JsonForm.SkipColon(_json, end)) < 0)
            {
                at = JsonForm.Broken;
                name = default;
                return false;
            }
            name = _json[(here + 1)..(end - 1)];
            return true;
        }

        private readonly bool TryTake(int branch)
        {
            ref var word = ref _seen[branch >> 6];
            var bit = 1UL << (branch & 63);
            var isFirst = (word & bit) == 0;
            word |= bit;
            return isFirst;
        }

        /// <summary>A value that is taken as it stands, and the byte after it, or <see cref="JsonForm.Broken"/>.</summary>
        private CelValue Take(int start, int depth, out int end)
        {
            if (JsonForm.Peek(_json, start) != '"')
            {
                end = _scan.Skip(start, depth);
                return end < 0 ? default : Value(start, end);
            }
            end = _scan.SkipText(start, out var isPlain);
            return isPlain ? CelValue.String(text.Array!, text.Offset + start + 1, end - start - 2) : end < 0 ? default : Value(start, end);
        }

        // A number that ends the text is copied: what follows in the array could be taken for more digits.
        private readonly CelValue Value(int start, int end) =>
            end == _json.Length && _json[start] is (byte)'-' or (>= (byte)'0' and <= (byte)'9')
                ? JsonSlice.ReadLastNumber(_json[start..end], frame.Inputs)
                : JsonSlice.Read(text.Array!, text.Offset + start, text.Offset + end, frame.Inputs);
    }
}
