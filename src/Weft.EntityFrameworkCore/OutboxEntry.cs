namespace Weft.EntityFrameworkCore;

/// <summary>A row of <c>weft_outbox</c>.</summary>
internal sealed class OutboxEntry
{
    /// <summary>Its number, which the database gives.</summary>
    public long Number { get; init; }

    /// <summary>Tells it from all others.</summary>
    public Guid Id { get; init; }

    public string Topic { get; init; } = "";

    public string? Key { get; init; }

    public string? Dedupe { get; init; }

    /// <summary>Not before when it is published, in milliseconds since 1970.</summary>
    public long? Due { get; init; }

    /// <summary>The event as JSON.</summary>
    public string Event { get; init; } = "";

    /// <summary>Why it cannot be published.</summary>
    public string? Error { get; init; }
}

/// <summary>A row of <c>weft_inbox</c>.</summary>
internal sealed class InboxEntry
{
    public string Subscription { get; init; } = "";

    public string Source { get; init; } = "";

    public string Id { get; init; } = "";

    /// <summary>When it was handled, in milliseconds since 1970.</summary>
    public long At { get; init; }
}
