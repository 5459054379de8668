namespace Weft.Testing;

/// <summary>Something does not do what its contract says. The message says what was expected and what was found.</summary>
public sealed class ConformanceException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A check does not apply. The message names the capability that is missing.</summary>
public sealed class ConformanceSkippedException(string capability)
    : Exception($"Not checked: the log does not have the capability '{capability}'.")
{
    /// <summary>The capability that is missing.</summary>
    public string Capability { get; } = capability;
}
