using System.Runtime.InteropServices;

namespace Weft.Expressions.Library;

/// <summary>A function or operator by its name: all that is declared under it, to be chosen by the types of the arguments.</summary>
/// <param name="name">The whole name, such as <c>size</c>, <c>math.abs</c> or <c>_+_</c>.</param>
internal sealed class Function(string name)
{
    private readonly List<Overload> _overloads = [];

    public string Name { get; } = name;

    public IReadOnlyList<Overload> Overloads => _overloads;

    /// <summary>The same, to walk through fast.</summary>
    public ReadOnlySpan<Overload> OverloadSpan => CollectionsMarshal.AsSpan(_overloads);

    /// <summary>Why it cannot be used, and what to do instead; null when it can. Expressions that call it are refused when they are checked.</summary>
    public string? Refusal { get; set; }

    public void Add(Overload overload) => _overloads.Add(overload);
}

/// <summary>One meaning of a function: for arguments of these types, what it gives and how it is done.</summary>
/// <param name="Id">Its name among all overloads, as in cel-go: <c>starts_with_string</c>.</param>
/// <param name="IsMember">Whether it is called on its first argument (<c>a.f(b)</c>) rather than with it (<c>f(a, b)</c>).</param>
/// <param name="Parameters">The types of the arguments; for members the target first.</param>
/// <param name="Result">The type of the result.</param>
/// <param name="Run">
/// How it is done. It is called only with values that fit <paramref name="Parameters"/>, never with errors; it tells an error by returning one
/// and it never throws. Null for what the planner does itself (<c>&amp;&amp;</c>, <c>?:</c>, index).
/// </param>
internal sealed record Overload(string Id, bool IsMember, CelType[] Parameters, CelType Result, Implementation? Run)
{
    /// <summary>Whether values can be its arguments, as far as their kinds tell: items of lists are not looked at.</summary>
    public bool Accepts(ReadOnlySpan<CelValue> arguments)
    {
        if (arguments.Length != Parameters.Length)
            return false;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!Accepts(Parameters[i].Kind, arguments[i].Kind))
                return false;
        }
        return true;
    }

    public static bool Accepts(CelTypeKind parameter, CelKind value) => parameter switch
    {
        CelTypeKind.Dyn or CelTypeKind.Parameter => true,
        CelTypeKind.Null => value == CelKind.Null,
        CelTypeKind.Bool => value == CelKind.Bool,
        CelTypeKind.Int => value == CelKind.Int,
        CelTypeKind.UInt => value == CelKind.UInt,
        CelTypeKind.Double => value == CelKind.Double,
        CelTypeKind.Decimal => value == CelKind.Decimal,
        CelTypeKind.String => value == CelKind.String,
        CelTypeKind.Bytes => value == CelKind.Bytes,
        CelTypeKind.Timestamp => value == CelKind.Timestamp,
        CelTypeKind.Duration => value == CelKind.Duration,
        CelTypeKind.List => value == CelKind.List,
        CelTypeKind.Map => value == CelKind.Map,
        CelTypeKind.Optional => value == CelKind.Optional,
        CelTypeKind.Type => value == CelKind.Type,
        _ => false,
    };
}

/// <summary>Does a function.</summary>
/// <param name="frame">For the memory and the steps that it needs.</param>
/// <param name="arguments">The values; for members the target first.</param>
internal delegate CelValue Implementation(Frame frame, ReadOnlySpan<CelValue> arguments);
