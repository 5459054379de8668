namespace Weft.Expressions;

/// <summary>A value that may be absent.</summary>
internal sealed class CelOptional
{
    private readonly CelValue _value;

    private CelOptional(bool hasValue, CelValue value)
    {
        HasValue = hasValue;
        _value = value;
    }

    public static CelOptional None { get; } = new(false, default);

    public bool HasValue { get; }

    /// <summary>The value; an error when there is none.</summary>
    public CelValue Value => HasValue ? _value : CelValue.Of(s_none);

    private static readonly CelError s_none = CelError.Argument("The optional has no value.");

    public static CelOptional Of(CelValue value) => new(true, value);
}
