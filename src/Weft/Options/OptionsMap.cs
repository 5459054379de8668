using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Weft.Options;

/// <summary>
/// An immutable map from names to options, with structural equality. Names compare ordinally and keep the order in which
/// they were written, which is the order in which they are listed; equality ignores the order.
/// </summary>
/// <typeparam name="T">What is named.</typeparam>
[CollectionBuilder(typeof(OptionsMap), nameof(OptionsMap.Create))]
public sealed class OptionsMap<T> : IReadOnlyDictionary<string, T>, IEquatable<OptionsMap<T>>
{
    private readonly OrderedDictionary<string, T> _items;

    internal OptionsMap(OrderedDictionary<string, T> items) => _items = items;

    /// <summary>The map without entries.</summary>
    public static OptionsMap<T> Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _items.Keys;

    /// <inheritdoc/>
    public IEnumerable<T> Values => _items.Values;

    /// <inheritdoc/>
    public T this[string key] => _items[key];

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _items.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => _items.TryGetValue(key, out value);

    /// <summary>This map with <paramref name="key"/> set to <paramref name="value"/>.</summary>
    public OptionsMap<T> With(string key, T value) => new(new(_items, StringComparer.Ordinal) { [key] = value });

    /// <summary>This map without <paramref name="key"/>.</summary>
    public OptionsMap<T> Without(string key)
    {
        var copy = new OrderedDictionary<string, T>(_items, StringComparer.Ordinal);
        copy.Remove(key);
        return new(copy);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    /// <summary>True when both maps hold equal values under the same names, in any order.</summary>
    public bool Equals(OptionsMap<T>? other)
    {
        if (other is null || other.Count != Count)
            return false;
        foreach (var (key, value) in _items)
        {
            if (!other.TryGetValue(key, out var theirs) || !EqualityComparer<T>.Default.Equals(value, theirs))
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as OptionsMap<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = Count;
        foreach (var (key, value) in _items)
            hash ^= HashCode.Combine(key, value);
        return hash;
    }

    /// <summary>The names, comma separated.</summary>
    public override string ToString() => string.Join(", ", _items.Keys);
}

/// <summary>Makes <see cref="OptionsMap{T}"/> from collection expressions.</summary>
public static class OptionsMap
{
    /// <summary>Copies <paramref name="items"/> into a new map; a name given twice keeps the last value.</summary>
    public static OptionsMap<T> Create<T>(ReadOnlySpan<KeyValuePair<string, T>> items)
    {
        if (items.IsEmpty)
            return OptionsMap<T>.Empty;
        var map = new OrderedDictionary<string, T>(items.Length, StringComparer.Ordinal);
        foreach (var (key, value) in items)
            map[key] = value;
        return new(map);
    }
}
