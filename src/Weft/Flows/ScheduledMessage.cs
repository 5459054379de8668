using Weft.Messages;

namespace Weft.Flows;

/// <summary>A message that waits for its time to be appended to a topic.</summary>
public sealed record ScheduledMessage
{
    /// <summary>By which it can be replaced or taken back; unique in the store, 1 to 200 characters.</summary>
    public required string Token { get; init; }

    /// <summary>The topic that it is for.</summary>
    public required string Topic { get; init; }

    /// <summary>Not before when it is appended.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>What must stay in order; empty for none. The order is that of being appended.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The message.</summary>
    public required Message Message { get; init; }
}

/// <summary>Which scheduled messages.</summary>
/// <param name="Topic">Only those of this topic.</param>
/// <param name="DueBefore">Only those that are due at or before.</param>
/// <param name="Token">Only the one of this token.</param>
/// <param name="Limit">How many at most.</param>
public sealed record ScheduledQuery(string? Topic = null, DateTimeOffset? DueBefore = null, string? Token = null, int Limit = 100);

/// <summary>
/// Has a message stored once: when one of the same identity was appended to the topic within the window before, it is left out, and the
/// position of the first is that of both.
/// </summary>
/// <param name="Identity">What tells messages apart; empty to store every one. Must not change until the append has returned.</param>
/// <param name="Window">For how long an identity is remembered after its message was stored.</param>
public readonly record struct Once(ReadOnlyMemory<byte> Identity, TimeSpan Window);
