namespace Weft.Timeouts;

/// <summary>Whether a quantile is known.</summary>
internal enum QuantileState
{
    /// <summary>There are too few samples.</summary>
    TooFew,

    /// <summary>It is known.</summary>
    Finite,

    /// <summary>So many attempts were cut that it lies beyond what was measured.</summary>
    Censored,
}

/// <summary>An answer of <see cref="LatencySketch"/>.</summary>
/// <param name="State">Whether the quantile is known.</param>
/// <param name="Value">The quantile; zero when it is not known.</param>
/// <param name="Count">How many samples it is taken from.</param>
internal readonly record struct SketchQuantile(QuantileState State, TimeSpan Value, long Count);
