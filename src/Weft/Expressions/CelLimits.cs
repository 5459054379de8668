namespace Weft.Expressions;

/// <summary>What an expression may cost. What goes beyond is an error with a clear text, whatever the speed of the machine.</summary>
public sealed record CelLimits
{
    /// <summary>The limits that hold where nothing else is said.</summary>
    public static CelLimits Default { get; } = new();

    /// <summary>How long the text of an expression may be, in UTF-16 units. Default 32,768.</summary>
    public int MaxLength { get; init; } = 32 * 1024;

    /// <summary>How deep an expression may be nested. 1 to 250, which the stack of any thread bears. Default 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1 or more than 250.</exception>
    public int MaxDepth
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 250);
            field = value;
        }
    } = 64;

    /// <summary>How many rounds its comprehensions may take together, and how much work its functions may do. Default 1,000,000.</summary>
    public long MaxSteps { get; init; } = 1_000_000;

    /// <summary>How many bytes of texts and lists one evaluation may make. Default 16 MB.</summary>
    public long MaxBytes { get; init; } = 16 * 1024 * 1024;
}
