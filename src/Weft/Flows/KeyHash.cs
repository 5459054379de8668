namespace Weft.Flows;

/// <summary>FNV-1a of a key: the same in every process, so that runs from one seed agree.</summary>
internal sealed class KeyHash : IEqualityComparer<ReadOnlyMemory<byte>>
{
    /// <summary>Compares keys by their bytes.</summary>
    public static KeyHash Comparer { get; } = new();

    /// <summary>The hash of a key.</summary>
    public static uint Of(ReadOnlySpan<byte> key)
    {
        uint hash = 2166136261;
        foreach (byte b in key)
            hash = (hash ^ b) * 16777619;
        return hash;
    }

    /// <inheritdoc/>
    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    /// <inheritdoc/>
    public int GetHashCode(ReadOnlyMemory<byte> obj) => (int)Of(obj.Span);
}
