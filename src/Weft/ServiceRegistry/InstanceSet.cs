namespace Weft.ServiceRegistry;

/// <summary>Instances of one service by their place in its list. Of very long lists only the first 64 are remembered, and the others may be met again.</summary>
internal struct InstanceSet
{
    private ulong _members;

    /// <summary>Whether nothing was added.</summary>
    public readonly bool IsEmpty => _members == 0;

    /// <summary>Whether an instance is in it.</summary>
    public readonly bool Contains(int place) => place < 64 && (_members >> place & 1) != 0;

    /// <summary>Adds an instance.</summary>
    public void Add(int place)
    {
        if (place < 64)
            _members |= 1UL << place;
    }
}
