namespace Weft.Flows;

/// <summary>How a subscription of a log is delivered.</summary>
internal sealed record LogSourceSettings
{
    /// <summary>Whether messages of one key wait for each other.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>Whether a dead letter holds up its key until somebody has decided about it.</summary>
    public bool Holds { get; init; }

    /// <summary>After how many crashes in a row, with a message under way in each, it is dead. At least 2.</summary>
    public int Crashes { get; init; } = 3;

    /// <summary>Is told how many messages were dropped from the log before the subscription came to them.</summary>
    public Action<long>? OnDropped { get; init; }
}
