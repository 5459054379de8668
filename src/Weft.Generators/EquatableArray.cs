using System.Collections;
using System.Collections.Immutable;

namespace Weft.Generators;

/// <summary>An array that equals another with the same elements, so that the compiler sees that a step of the generator changed nothing.</summary>
internal readonly struct EquatableArray<T>(ImmutableArray<T> items) : IEquatable<EquatableArray<T>>, IEnumerable<T>
    where T : IEquatable<T>
{
    public ImmutableArray<T> Items { get; } = items;

    public static EquatableArray<T> Of(IEnumerable<T> items) => new([.. items]);

    public bool Equals(EquatableArray<T> other) => this.SequenceEqual(other);

    public override bool Equals(object? obj) => obj is EquatableArray<T> other && Equals(other);

    public override int GetHashCode() => this.Aggregate(17, (hash, item) => (hash * 31) + item.GetHashCode());

    public IEnumerator<T> GetEnumerator() => (Items.IsDefault ? [] : Items).AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
