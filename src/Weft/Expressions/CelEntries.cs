using System.Diagnostics.CodeAnalysis;

namespace Weft.Expressions;

/// <summary>A map that an expression made: its entries in the order in which they were written. It never changes.</summary>
internal sealed class CelEntries : CelMap
{
    // Up to so many entries are searched one by one, which is faster than to hash the key.
    private const int Few = 8;

    private readonly KeyValuePair<CelValue, CelValue>[] _entries;
    private readonly int _count;

    // Open addressing; the place of an entry plus 1, or 0. Its length is a power of two and more than the entries.
    private readonly int[]? _index;

    private CelEntries(KeyValuePair<CelValue, CelValue>[] entries, int count, int[]? index) => (_entries, _count, _index) = (entries, count, index);

    /// <summary>The map without entries.</summary>
    public static CelEntries Empty { get; } = new([], 0, null);

    public override int Count => _count;

    public override KeyValuePair<CelValue, CelValue> Entry(int index) => _entries[index];

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        var place = Find(_entries, _count, _index, key, out _);
        value = place < 0 ? default : _entries[place].Value;
        return place >= 0;
    }

    /// <summary>The place of a key, or -1; then <paramref name="slot"/> is where the index has room for it.</summary>
    private static int Find(KeyValuePair<CelValue, CelValue>[] entries, int count, int[]? index, in CelValue key, out int slot)
    {
        slot = -1;
        if (index is null)
        {
            for (var i = 0; i < count; i++)
            {
                if (ValueOperations.SameKey(entries[i].Key, key))
                    return i;
            }
            return -1;
        }
        for (slot = Hash(key) & (index.Length - 1); index[slot] != 0; slot = (slot + 1) & (index.Length - 1))
        {
            if (ValueOperations.SameKey(entries[index[slot] - 1].Key, key))
                return index[slot] - 1;
        }
        return -1;
    }

    /// <summary>Numbers of the same value have the same hash, whatever their type.</summary>
    private static int Hash(in CelValue key)
    {
        switch (key.Kind)
        {
            case CelKind.String:
                var hash = new HashCode();
                hash.AddBytes(key.AsSpan);
                return hash.ToHashCode();
            case CelKind.Int or CelKind.UInt:
                return HashCode.Combine(key.AsInt);
            case CelKind.Double or CelKind.Decimal:
                return Numbers.TryInt(key, out var whole) ? HashCode.Combine(whole)
                    : Numbers.TryUInt(key, out var natural) ? HashCode.Combine((long)natural)
                    : 0;
            default:
                return key.IsTrue ? 1 : 0;
        }
    }

    /// <summary>Collects the entries of a map.</summary>
    /// <param name="arena">Counts the memory.</param>
    /// <param name="capacity">How many entries are expected.</param>
    internal sealed class Builder(Arena arena, int capacity = 4)
    {
        private KeyValuePair<CelValue, CelValue>[] _entries = new KeyValuePair<CelValue, CelValue>[Math.Clamp(capacity, 1, 1024)];
        private int _count;
        private int[]? _index;

        public int Count => _count;

        /// <summary>Adds an entry.</summary>
        /// <returns>Why it cannot be added: the key is there already, or is no key; null when it was added.</returns>
        public CelError? Add(in CelValue key, in CelValue value)
        {
            if (key.Kind is not (CelKind.Bool or CelKind.Int or CelKind.UInt or CelKind.String))
                return key.Error ?? s_noKey;
            if (Find(_entries, _count, _index, key, out var slot) >= 0)
                return s_repeated;
            if (!arena.TrySpend(48))
                return arena.Limit;
            if (_count == _entries.Length)
                Array.Resize(ref _entries, _count * 2);
            _entries[_count++] = new(key, value);
            if (_index is not null && _count * 2 <= _index.Length)
                _index[slot] = _count;
            else if (_count > Few)
                MakeIndex();
            return null;
        }

        /// <summary>The map; the builder is not to be used any more.</summary>
        public CelValue ToValue() => CelValue.Map(_count == 0 ? Empty : new CelEntries(_entries, _count, _index));

        [MemberNotNull(nameof(_index))]
        private void MakeIndex()
        {
            _index = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_count * 4)];
            for (var i = 0; i < _count; i++)
            {
                Find(_entries, i, _index, _entries[i].Key, out var slot);
                _index[slot] = i + 1;
            }
        }
    }

    private static readonly CelError s_noKey = CelError.Argument("The key of a map must be a bool, an int, a uint or a string.");
    private static readonly CelError s_repeated = CelError.Argument("A map has the same key twice.");
}
