namespace Weft.Flows;

/// <summary>How a flow runs.</summary>
public sealed record FlowSettings
{
    /// <summary>How many batches are worked on at a time. At least 1.</summary>
    public int Lanes { get; init; } = 16;

    /// <summary>The largest batch. At least 1; 1 gives each delivery its own verdict and keeps keys in order through retries.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Whether deliveries of one key are written one after another.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>How many deliveries may wait in a lane. At least 1; never fewer than fill a batch.</summary>
    public int LaneDepth { get; init; } = 64;

    /// <summary>When failed deliveries are tried again.</summary>
    public RedeliverySchedule Retry { get; init; } = new(2, TimeSpan.FromHours(24), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    /// <summary>How an unavailable target is probed: first wait and longest wait.</summary>
    public RedeliverySchedule Probe { get; init; } = new(0, TimeSpan.MaxValue, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
}
