namespace Weft.CircuitBreaker;

/// <summary>What the outcome of a call says about who was called. Whether the call was slow is found from its times.</summary>
internal enum Verdict : byte
{
    /// <summary>It works.</summary>
    Success,

    /// <summary>It does not.</summary>
    Failure,

    /// <summary>Nothing: the caller gave up, or the call was never made.</summary>
    Ignore,
}
