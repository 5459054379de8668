using System.Collections.Immutable;

namespace Weft.Expressions;

/// <summary>A type of CEL. Types are equal when they are written alike.</summary>
public sealed class CelType : IEquatable<CelType>
{
    internal CelType(CelTypeKind kind, string name, params ImmutableArray<CelType> parameters)
    {
        Kind = kind;
        Name = name;
        Parameters = parameters;
        IsOpen = kind == CelTypeKind.Parameter;
        foreach (var parameter in parameters)
            IsOpen |= parameter.IsOpen;
    }

    /// <summary>Any value; what it is shows when it is there.</summary>
    public static CelType Dyn { get; } = new(CelTypeKind.Dyn, "dyn");

    /// <summary>The type of the value null.</summary>
    public static CelType Null { get; } = new(CelTypeKind.Null, "null_type");

    /// <summary>True or false.</summary>
    public static CelType Bool { get; } = new(CelTypeKind.Bool, "bool");

    /// <summary>Whole numbers of 64 bits with sign.</summary>
    public static CelType Int { get; } = new(CelTypeKind.Int, "int");

    /// <summary>Whole numbers of 64 bits without sign.</summary>
    public static CelType UInt { get; } = new(CelTypeKind.UInt, "uint");

    /// <summary>Binary floating-point numbers (IEEE 754, 64 bits).</summary>
    public static CelType Double { get; } = new(CelTypeKind.Double, "double");

    /// <summary>Exact decimal numbers of up to 28 digits. Weft's own.</summary>
    public static CelType Decimal { get; } = new(CelTypeKind.Decimal, "decimal");

    /// <summary>Texts of Unicode code points.</summary>
    public static CelType String { get; } = new(CelTypeKind.String, "string");

    /// <summary>Sequences of bytes.</summary>
    public static CelType Bytes { get; } = new(CelTypeKind.Bytes, "bytes");

    /// <summary>Points in time with nanoseconds.</summary>
    public static CelType Timestamp { get; } = new(CelTypeKind.Timestamp, "google.protobuf.Timestamp");

    /// <summary>Lengths of time with nanoseconds.</summary>
    public static CelType Duration { get; } = new(CelTypeKind.Duration, "google.protobuf.Duration");

    /// <summary>A list of anything.</summary>
    public static CelType AnyList { get; } = List(Dyn);

    /// <summary>A map of anything.</summary>
    public static CelType AnyMap { get; } = Map(Dyn, Dyn);

    /// <summary>A map of texts to anything, as in JSON.</summary>
    public static CelType Object { get; } = Map(String, Dyn);

    internal static CelType Error { get; } = new(CelTypeKind.Error, "!error!");

    /// <summary>What it is.</summary>
    internal CelTypeKind Kind { get; }

    /// <summary>The number of a type that the checker is looking for; -1 for all others.</summary>
    internal int Variable { get; private init; } = -1;

    /// <summary>Whether it has a part that is still to be found.</summary>
    internal bool IsOpen { get; }

    /// <summary>Its name without parameters.</summary>
    public string Name { get; }

    /// <summary>The types of a list's items, a map's keys and values, an optional's value, a type's type.</summary>
    public ImmutableArray<CelType> Parameters { get; }

    /// <summary>Lists.</summary>
    public static CelType List(CelType item) => new(CelTypeKind.List, "list", item);

    /// <summary>Maps.</summary>
    public static CelType Map(CelType key, CelType value) => new(CelTypeKind.Map, "map", key, value);

    /// <summary>Values that may be absent.</summary>
    public static CelType Optional(CelType value) => new(CelTypeKind.Optional, "optional_type", value);

    /// <summary>Types as values.</summary>
    public static CelType TypeOf(CelType type) => new(CelTypeKind.Type, "type", type);

    /// <summary>A type to be found from the arguments of a call.</summary>
    internal static CelType Parameter(string name) => new(CelTypeKind.Parameter, name);

    /// <summary>A type that the checker is looking for; each has a number of its own within one check.</summary>
    internal static CelType Unknown(int number) => new(CelTypeKind.Parameter, $"_var{number}") { Variable = number };

    /// <inheritdoc/>
    public bool Equals(CelType? other) =>
        ReferenceEquals(this, other) || (other is not null && Kind == other.Kind && Name == other.Name && Parameters.SequenceEqual(other.Parameters));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CelType);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Name, Parameters.Length);

    /// <summary>As CEL's own tools write it: <c>map(string, dyn)</c>.</summary>
    public override string ToString() => Parameters.IsEmpty ? Name : $"{Name}({string.Join(", ", Parameters)})";
}

/// <summary>The kinds of types.</summary>
internal enum CelTypeKind : byte
{
    Dyn,
    Error,
    Null,
    Bool,
    Int,
    UInt,
    Double,
    Decimal,
    String,
    Bytes,
    Timestamp,
    Duration,
    List,
    Map,
    Optional,
    Type,

    /// <summary>A type to be found from the arguments of a call.</summary>
    Parameter,

    /// <summary>A type that is known by its name only.</summary>
    Named,
}
