namespace Weft.Expressions;

/// <summary>What a <see cref="CelValue"/> is.</summary>
public enum CelKind : byte
{
    /// <summary>No value but the reason why there is none. Errors are values: <c>&amp;&amp;</c> and <c>||</c> absorb them.</summary>
    Error,

    /// <summary>The value null.</summary>
    Null,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>A whole number of 64 bits with sign.</summary>
    Int,

    /// <summary>A whole number of 64 bits without sign.</summary>
    UInt,

    /// <summary>A binary floating-point number (IEEE 754, 64 bits).</summary>
    Double,

    /// <summary>An exact decimal number of up to 28 digits. Weft's own; not part of CEL.</summary>
    Decimal,

    /// <summary>A text of Unicode code points.</summary>
    String,

    /// <summary>A sequence of bytes.</summary>
    Bytes,

    /// <summary>An ordered list.</summary>
    List,

    /// <summary>Keys (bool, int, uint or string) with values, in the order in which they were written.</summary>
    Map,

    /// <summary>A point in time with nanoseconds, from year 1 to 9999.</summary>
    Timestamp,

    /// <summary>A length of time with nanoseconds.</summary>
    Duration,

    /// <summary>A type.</summary>
    Type,

    /// <summary>A value that may be absent.</summary>
    Optional,
}
