namespace Weft.Expressions;

/// <summary>Why an expression has no value.</summary>
/// <param name="Kind">The class of the error.</param>
/// <param name="Message">One sentence for people; it holds no values of the data.</param>
public sealed record CelError(CelErrorKind Kind, string Message)
{
    internal static CelError NoValue { get; } = new(CelErrorKind.NoSuchField, "There is no value.");

    internal static CelError DivideByZero { get; } = new(CelErrorKind.Arithmetic, "Division by zero.");

    internal static CelError ModulusByZero { get; } = new(CelErrorKind.Arithmetic, "Modulus by zero.");

    internal static CelError Overflow { get; } = new(CelErrorKind.Arithmetic, "The result is out of range.");

    /// <summary>Which path of the slots is missing and at which of its names; null for other errors.</summary>
    internal MissingPath? Missing { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;

    internal static CelError NoSuchKey(string key) => new(CelErrorKind.NoSuchField, $"No such key: '{key}'.");

    internal static CelError NoSuchOverload(string message) => new(CelErrorKind.NoSuchOverload, message);

    internal static CelError Argument(string message) => new(CelErrorKind.Argument, message);
}

/// <summary>The classes of errors.</summary>
public enum CelErrorKind
{
    /// <summary>A key, a field or an index that is not there.</summary>
    NoSuchField,

    /// <summary>An operator or function that does not take values of these types.</summary>
    NoSuchOverload,

    /// <summary>Overflow, or a division by zero.</summary>
    Arithmetic,

    /// <summary>A value that a function or conversion cannot take.</summary>
    Argument,

    /// <summary>The expression did more than it may: steps or memory.</summary>
    Limit,

    /// <summary>A name that is not declared, met by an expression that was not checked.</summary>
    Undeclared,
}

/// <summary>Where a path ends before its value.</summary>
/// <param name="Slot">The slot of the path.</param>
/// <param name="Depth">The index among the names of the path of the one that is missing.</param>
internal sealed record MissingPath(int Slot, int Depth);
