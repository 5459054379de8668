namespace Weft.Expressions.Checking;

/// <summary>
/// The types that one check has found for its unknowns. Works as in cel-go: types fit when they are equal once unknowns are replaced, and dyn
/// fits everything.
/// </summary>
internal sealed class Substitution
{
    private static readonly CelType[] s_unknowns = [.. Enumerable.Range(0, 64).Select(CelType.Unknown)];

    private readonly List<CelType?> _found = [];

    // What to put back when types turn out not to fit.
    private readonly List<(int Variable, CelType? Before)> _trail = [];

    /// <summary>A new unknown.</summary>
    public CelType Unknown()
    {
        var number = _found.Count;
        _found.Add(null);
        return number < s_unknowns.Length ? s_unknowns[number] : CelType.Unknown(number);
    }

    /// <summary>Whether a value of one type may stand where another is wanted. Unknowns are found on the way; when it fails none are.</summary>
    public bool Fits(CelType wanted, CelType given)
    {
        var mark = _trail.Count;
        if (Unify(wanted, given))
            return true;
        Undo(mark);
        return false;
    }

    /// <summary>Where <see cref="Undo"/> can go back to.</summary>
    public int Mark => _trail.Count;

    /// <summary>Forgets what was found since a mark.</summary>
    public void Undo(int mark)
    {
        for (var i = _trail.Count - 1; i >= mark; i--)
            _found[_trail[i].Variable] = _trail[i].Before;
        _trail.RemoveRange(mark, _trail.Count - mark);
    }

    /// <summary>The type that items of both types have together.</summary>
    public CelType Join(CelType? before, CelType next) =>
        before is null ? next : Fits(before, next) ? MostGeneral(before, next) : CelType.Dyn;

    /// <summary>Replaces the unknowns that are found; the others become dyn when <paramref name="close"/> says so.</summary>
    public CelType Resolve(CelType type, bool close = false)
    {
        if (!type.IsOpen)
            return type;
        if (type.Kind == CelTypeKind.Parameter)
            return Found(type) is { } found ? Resolve(found, close) : close ? CelType.Dyn : type;
        return new CelType(type.Kind, type.Name, [.. type.Parameters.Select(parameter => Resolve(parameter, close))]);
    }

    private CelType? Found(CelType unknown) => unknown.Variable < 0 ? null : _found[unknown.Variable];

    private bool Unify(CelType a, CelType b)
    {
        if (ReferenceEquals(a, b))
            return true;
        if (b.Kind == CelTypeKind.Parameter)
        {
            if (Bind(b, a, out var known))
                return true;
            if (known)
                return false;
        }
        if (a.Kind == CelTypeKind.Parameter)
            return Bind(a, b, out _);
        if (IsAnything(a) || IsAnything(b))
            return true;
        if (a.Kind == CelTypeKind.Null || b.Kind == CelTypeKind.Null)
            return MayBeNull(a) && MayBeNull(b);
        if (a.Kind != b.Kind || a.Name != b.Name)
            return false;
        if (a.Kind == CelTypeKind.Type)
            return true;
        if (a.Parameters.Length != b.Parameters.Length)
            return false;
        for (var i = 0; i < a.Parameters.Length; i++)
        {
            if (!Unify(a.Parameters[i], b.Parameters[i]))
                return false;
        }
        return true;
    }

    /// <summary>Takes a type for an unknown, or widens the one that is found already.</summary>
    private bool Bind(CelType unknown, CelType type, out bool known)
    {
        known = true;
        if (unknown.Equals(type))
            return true;
        if (Found(unknown) is not { } found)
        {
            known = false;
            if (IsWithin(unknown, type))
                return false;
            Set(unknown, type);
            return true;
        }
        if (found.Equals(type))
            return true;
        if (!Unify(type, found))
            return false;
        var general = MostGeneral(type, found);
        if (!IsWithin(unknown, general))
            Set(unknown, general);
        return true;
    }

    private void Set(CelType unknown, CelType type)
    {
        _trail.Add((unknown.Variable, _found[unknown.Variable]));
        _found[unknown.Variable] = type;
    }

    /// <summary>Whether a type would hold itself.</summary>
    private bool IsWithin(CelType unknown, CelType type)
    {
        if (!type.IsOpen)
            return false;
        if (type.Kind == CelTypeKind.Parameter)
            return unknown.Equals(type) || (Found(type) is { } found && IsWithin(unknown, found));
        foreach (var parameter in type.Parameters)
        {
            if (IsWithin(unknown, parameter))
                return true;
        }
        return false;
    }

    private static bool IsAnything(CelType type) => type.Kind is CelTypeKind.Dyn or CelTypeKind.Error;

    /// <summary>Null stands for absent messages, times and types of the host, but not for plain values.</summary>
    private static bool MayBeNull(CelType type) =>
        type.Kind is CelTypeKind.Null or CelTypeKind.Timestamp or CelTypeKind.Duration or CelTypeKind.Optional or CelTypeKind.Named;

    /// <summary>Of two types that fit each other the one that says less.</summary>
    private static CelType MostGeneral(CelType a, CelType b) => b.Kind == CelTypeKind.Null || IsAsGeneral(a, b) ? a : b;

    private static bool IsAsGeneral(CelType a, CelType b)
    {
        if (a.Kind is CelTypeKind.Dyn or CelTypeKind.Parameter)
            return true;
        if (a.Kind != b.Kind || a.Name != b.Name || a.Parameters.Length != b.Parameters.Length)
            return false;
        if (a.Kind == CelTypeKind.Type)
            return true;
        for (var i = 0; i < a.Parameters.Length; i++)
        {
            if (!IsAsGeneral(a.Parameters[i], b.Parameters[i]))
                return false;
        }
        return true;
    }
}
