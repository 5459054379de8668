namespace Weft.ServiceRegistry;

/// <summary>
/// Instances of one service, by identity: the list of a service may change while a call is under way, so their places in it say nothing. The first four are kept
/// without allocating, which is more than a call usually tries.
/// </summary>
internal struct InstanceSet
{
    private Instance? _first, _second, _third, _fourth;
    private List<Instance>? _more;

    /// <summary>Whether nothing was added.</summary>
    public readonly bool IsEmpty => _first is null;

    /// <summary>Whether an instance is in it.</summary>
    public readonly bool Contains(Instance instance) =>
        instance == _first || instance == _second || instance == _third || instance == _fourth || (_more is not null && _more.Contains(instance));

    /// <summary>Adds an instance.</summary>
    public void Add(Instance instance)
    {
        if (Contains(instance))
            return;
        if (_first is null)
            _first = instance;
        else if (_second is null)
            _second = instance;
        else if (_third is null)
            _third = instance;
        else if (_fourth is null)
            _fourth = instance;
        else
            (_more ??= []).Add(instance);
    }
}
