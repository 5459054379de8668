namespace Weft.ServiceRegistry;

/// <summary>The instances of a service from one change of the list to the next. Immutable; what changes about an instance by itself is in <see cref="Instance"/>.</summary>
internal sealed class InstanceList(Member[] members)
{
    private readonly Dictionary<Uri, Instance> _byAddress = members.ToDictionary(m => m.Instance.BaseAddress, m => m.Instance);

    /// <summary>All, in the order in which they were given.</summary>
    public Member[] Members => members;

    /// <summary>The same without what was said of them.</summary>
    public Instance[] Instances { get; } = [.. members.Select(m => m.Instance)];

    /// <summary>The instance at an address; null when there is none.</summary>
    public Instance? Find(Uri address) => _byAddress.GetValueOrDefault(address);
}

/// <summary>An instance in a list, with what was said of it there.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Spec">What was said of it.</param>
internal readonly record struct Member(Instance Instance, InstanceSpec Spec);
