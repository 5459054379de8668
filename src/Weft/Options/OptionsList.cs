using System.Collections;
using System.Runtime.CompilerServices;

namespace Weft.Options;

/// <summary>An immutable list with structural equality, so that options records that hold one compare by content.</summary>
/// <typeparam name="T">The element type; compared with its default equality.</typeparam>
[CollectionBuilder(typeof(OptionsList), nameof(OptionsList.Create))]
public sealed class OptionsList<T> : IReadOnlyList<T>, IEquatable<OptionsList<T>>
{
    private readonly T[] _items;

    internal OptionsList(T[] items) => _items = items;

    /// <summary>The list without elements.</summary>
    public static OptionsList<T> Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public T this[int index] => _items[index];

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    /// <summary>True when both lists hold equal elements in the same order.</summary>
    public bool Equals(OptionsList<T>? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as OptionsList<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (T item in _items)
            hash.Add(item);
        return hash.ToHashCode();
    }

    /// <summary>The elements, comma separated.</summary>
    public override string ToString() => string.Join(", ", _items);
}

/// <summary>Makes <see cref="OptionsList{T}"/> from collection expressions.</summary>
public static class OptionsList
{
    /// <summary>Copies <paramref name="items"/> into a new list.</summary>
    public static OptionsList<T> Create<T>(ReadOnlySpan<T> items) => items.IsEmpty ? OptionsList<T>.Empty : new(items.ToArray());
}
