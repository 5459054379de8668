using System.Collections.Immutable;

namespace Weft.Expressions;

/// <summary>
/// How a JSON value is made: one expression, or a map or list whose leaves are expressions, so that an error has its exact place. In a file it
/// is a YAML tree. A leaf that is a JSON number stays as it is written. An entry whose expression gives an optional without a value is left out.
/// </summary>
/// <remarks>Immutable; trees are equal when they are written alike, the order of entries included.</remarks>
public sealed class CelTree : IEquatable<CelTree>
{
    private CelTree(string? text, ImmutableArray<KeyValuePair<string, CelTree>> entries, ImmutableArray<CelTree> items)
    {
        Text = text;
        Entries = entries;
        Items = items;
    }

    /// <summary>The expression of a leaf; null for maps and lists.</summary>
    public string? Text { get; }

    /// <summary>The entries of a map; default for leaves and lists.</summary>
    public ImmutableArray<KeyValuePair<string, CelTree>> Entries { get; }

    /// <summary>The items of a list; default for leaves and maps.</summary>
    public ImmutableArray<CelTree> Items { get; }

    /// <summary>A leaf.</summary>
    /// <param name="text">The expression.</param>
    public static CelTree Expression(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new CelTree(text, default, default);
    }

    /// <summary>A leaf.</summary>
    /// <param name="text">The expression.</param>
    public static implicit operator CelTree(string text) => Expression(text);

    /// <summary>A map.</summary>
    /// <param name="entries">Names and what stands behind them, in the order in which they are written.</param>
    /// <exception cref="ArgumentException">A name is there twice.</exception>
    public static CelTree Map(params IEnumerable<KeyValuePair<string, CelTree>> entries)
    {
        var all = entries.ToImmutableArray();
        if (all.Select(e => e.Key).Distinct(StringComparer.Ordinal).Count() != all.Length)
            throw new ArgumentException("A map has a name twice. Give each entry its own.", nameof(entries));
        return new CelTree(null, all, default);
    }

    /// <summary>A list.</summary>
    /// <param name="items">What it holds.</param>
    public static CelTree List(params IEnumerable<CelTree> items) => new(null, default, [.. items]);

    /// <inheritdoc/>
    public bool Equals(CelTree? other)
    {
        if (other is null || Text != other.Text || Entries.IsDefault != other.Entries.IsDefault || Items.IsDefault != other.Items.IsDefault)
            return false;
        return (Items.IsDefault || Items.SequenceEqual(other.Items))
            && (Entries.IsDefault || Entries.SequenceEqual(other.Entries, EqualityComparer<KeyValuePair<string, CelTree>>.Create((a, b) => a.Key == b.Key && a.Value.Equals(b.Value))));
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CelTree);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Text, Entries.IsDefault ? 0 : Entries.Length, Items.IsDefault ? 0 : Items.Length);

    /// <summary>As it would be written on one line of a file.</summary>
    public override string ToString() => Text
        ?? (Items.IsDefault ? $"{{ {string.Join(", ", Entries.Select(e => $"{e.Key}: {e.Value}"))} }}" : $"[{string.Join(", ", Items)}]");
}
