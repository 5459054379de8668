namespace Weft.Timeouts;

/// <summary>One step of a <see cref="DeadlinePlan"/>.</summary>
/// <param name="Name">Its name, once in a plan; it stands in errors.</param>
public sealed record DeadlineStep(string Name)
{
    /// <summary>The longest it may take, whatever is left; null, the default, for none of its own. Above zero.</summary>
    public TimeSpan? Cap { get; init; }

    /// <summary>What it needs at least. Unless it is optional, the steps before it leave it this much. Default zero.</summary>
    public TimeSpan Minimum { get; init; }

    /// <summary>True when the whole is of use without it: nothing is kept back for it. Default false.</summary>
    public bool IsOptional { get; init; }
}
