namespace Weft.AspNetCore.Endpoints;

// Messages of topics as the admin API says them. Positions are texts.

/// <summary>A message in the log of a topic. Lists leave out attributes and data.</summary>
internal sealed record MessageView
{
    public required string Topic { get; init; }
    public required string Position { get; init; }
    public required DateTimeOffset AppendedAt { get; init; }
    public required string Id { get; init; }
    public required string Type { get; init; }
    public required string Source { get; init; }
    public string? Subject { get; init; }
    public string? Key { get; init; }

    /// <summary>The size of the data in bytes.</summary>
    public required int Size { get; init; }

    /// <summary>The id of the event that it was published because of; left out when it says none.</summary>
    public string? CausationId { get; init; }

    /// <summary>The trace that it belongs to, 32 hexadecimal digits; left out when it says none.</summary>
    public string? TraceId { get; init; }

    /// <summary>Whole: all CloudEvents attributes by name.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>Whole: the data as text, when it is JSON or text.</summary>
    public string? Data { get; init; }

    /// <summary>Whole: the data in base64, when it is neither.</summary>
    public string? DataBase64 { get; init; }
}

/// <summary>A page of messages of a topic.</summary>
/// <param name="Items">The messages, oldest first, or newest first when that was asked for.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null when nothing is left. It may come with few items or none: a request looks at so many only.</param>
/// <param name="Scanned">How many messages were looked at.</param>
internal sealed record MessagePage(IReadOnlyList<MessageView> Items, string? Next, int Scanned)
{
    /// <summary>Those for which <c>where</c> had no value; left out when there were none.</summary>
    public WhereErrorsView? WhereErrors { get; init; }
}

/// <summary>Where a message came from and what became of it.</summary>
/// <param name="Message">The message.</param>
/// <param name="Deliveries">What became of it in each subscription of its topic.</param>
/// <param name="Caused">What was published because of it, oldest first.</param>
internal sealed record TraceView(MessageView Message, IReadOnlyList<DeliveryView> Deliveries, IReadOnlyList<CausedView> Caused)
{
    /// <summary>The request that published it; left out when the event names none.</summary>
    public TraceRequestView? Request { get; init; }

    /// <summary>The message that it was published because of; left out when it names none or the log has it no more.</summary>
    public MessageView? Cause { get; init; }

    /// <summary>Whether all was looked through for <see cref="Caused"/>; false when there was too much, so that some may be missing.</summary>
    public bool Complete { get; init; }
}

/// <summary>The request that published a message, by its <c>traceparent</c> (W3C Trace Context).</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="SpanId">16 hexadecimal digits: the span that published it.</param>
/// <param name="Sampled">Whether the trace was recorded.</param>
internal sealed record TraceRequestView(string TraceId, string SpanId, bool Sampled);

/// <summary>What became of a message in a subscription.</summary>
/// <param name="Subscription">The subscription.</param>
/// <param name="Outcome">
/// <c>acknowledged</c>: done, or a dead letter that was discarded or replayed to the topic, or the subscription began behind it; <c>skipped</c>: its <c>when</c> does not hold; <c>retrying</c>; <c>behind</c>: it waits behind another of its key;
/// <c>dead</c>; <c>waiting</c>: not taken yet, or on its way.
/// </param>
internal sealed record DeliveryView(string Subscription, string Outcome)
{
    /// <summary>The subscriber: <c>service NAME PATH</c> or <c>handler NAME</c>; left out when the file does not name the subscription.</summary>
    public string? Target { get; init; }

    /// <summary>Failed tries so far.</summary>
    public int? Attempts { get; init; }

    /// <summary>The reason of the last failure.</summary>
    public string? Reason { get; init; }

    /// <summary>What a person needs to understand it.</summary>
    public string? Detail { get; init; }

    /// <summary>When the last try failed.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>Not before when it is tried again.</summary>
    public DateTimeOffset? Due { get; init; }
}

/// <summary>A message that was published because of another.</summary>
/// <param name="Message">The message.</param>
/// <param name="By">
/// How that is known: <c>causationid</c>, which names the other, or one that the other caused; <c>trace</c>: it is later in the same trace;
/// <c>replay</c>: it is the same event, replayed to the topic.
/// </param>
internal sealed record CausedView(MessageView Message, string By);
