using System.Text.Json;

namespace Weft.AspNetCore.Endpoints;

// Dead letters as the admin API says and takes them. Positions are texts.

/// <summary>A dead letter. Lists leave out what is marked as whole; one that is asked for by its position has it.</summary>
internal sealed record DeadView
{
    public required string Subscription { get; init; }
    public required string Topic { get; init; }
    public required string Position { get; init; }
    public required string Id { get; init; }
    public required string Type { get; init; }
    public required string Source { get; init; }
    public string? Key { get; init; }
    public required string Reason { get; init; }
    public string? Detail { get; init; }
    public required int Attempts { get; init; }
    public required DateTimeOffset FirstAt { get; init; }
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>How often it was replayed; left out when it never was.</summary>
    public int? Replays { get; init; }

    /// <summary>When it was edited last; left out when it never was.</summary>
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>Who edited it last: the name of a token.</summary>
    public string? EditedBy { get; init; }

    /// <summary>Whole: all CloudEvents attributes by name.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>Whole: the data as text, when it is JSON or text.</summary>
    public string? Data { get; init; }

    /// <summary>Whole: the data in base64, when it is neither.</summary>
    public string? DataBase64 { get; init; }

    /// <summary>Whole: the last failed tries, oldest first, as far as the store keeps them.</summary>
    public IReadOnlyList<AttemptView>? History { get; init; }

    /// <summary>Whole: what it was before the first edit; left out when it was never edited.</summary>
    public ContentView? Original { get; init; }
}

/// <summary>A failed try.</summary>
/// <param name="Attempt">Which, from 1; counted anew by each replay.</param>
/// <param name="At">When it failed.</param>
/// <param name="Reason">A short stable word.</param>
/// <param name="Detail">What a person needs to understand it, cut after 512 characters.</param>
internal sealed record AttemptView(int Attempt, DateTimeOffset At, string Reason, string? Detail);

/// <summary>Attributes and data of an event.</summary>
/// <param name="Attributes">All CloudEvents attributes by name.</param>
/// <param name="Data">The data as text, when it is JSON or text.</param>
/// <param name="DataBase64">The data in base64, when it is neither.</param>
internal sealed record ContentView(IReadOnlyDictionary<string, string> Attributes, string? Data, string? DataBase64);

/// <summary>A page of dead letters, by subscription and position.</summary>
/// <param name="Items">The dead letters.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null when nothing is left. It may come with few items or none: a request looks at so many only.</param>
internal sealed record DeadPage(IReadOnlyList<DeadView> Items, string? Next)
{
    /// <summary>How many dead letters were looked at.</summary>
    public int Scanned { get; init; }

    /// <summary>Those for which <c>where</c> had no value; left out when there were none.</summary>
    public WhereErrorsView? WhereErrors { get; init; }
}

/// <summary>What <c>where</c> had no value for; it counts as no match.</summary>
/// <param name="Count">How often.</param>
/// <param name="Position">The position of the last one.</param>
/// <param name="Error">Why.</param>
internal sealed record WhereErrorsView(int Count, string Position, string Error);

/// <summary>Dead letters by cause, the most frequent first.</summary>
/// <param name="Groups">The causes.</param>
/// <param name="Scanned">How many dead letters were looked at.</param>
/// <param name="Next">What to give as <c>after</c> to go on where this ended; null when all were looked at.</param>
internal sealed record DeadGroups(IReadOnlyList<DeadGroup> Groups, int Scanned, string? Next)
{
    /// <summary>Those for which <c>where</c> had no value; left out when there were none.</summary>
    public WhereErrorsView? WhereErrors { get; init; }
}

/// <summary>Dead letters of one cause.</summary>
/// <param name="Subscription">The subscription.</param>
/// <param name="Topic">Its topic.</param>
/// <param name="Reason">The reason, the same in all.</param>
/// <param name="Cause">The detail with <c>#</c> for ids and numbers, the same in all.</param>
/// <param name="Count">How many.</param>
/// <param name="FirstAt">When the first of them failed for the first time.</param>
/// <param name="LastAt">When the last of them failed for the last time.</param>
/// <param name="Sample">The position of one of them.</param>
internal sealed record DeadGroup(
    string Subscription, string Topic, string Reason, string Cause, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt, string Sample);

/// <summary>A change of a dead letter. What is left out stays as it is.</summary>
internal sealed record DeadEdit
{
    /// <summary>The new data as text.</summary>
    public string? Data { get; init; }

    /// <summary>The new data in base64.</summary>
    public string? DataBase64 { get; init; }

    /// <summary>Attributes by name: a text, a number or a boolean sets one, null takes one away; others stay. <c>id</c> cannot be changed.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Attributes { get; init; }
}

/// <summary>Which dead letters of one subscription: a list of positions, those that a condition chooses, or all.</summary>
internal sealed record DeadRequest
{
    public string? Subscription { get; init; }
    public IReadOnlyList<string>? Positions { get; init; }

    /// <summary>A condition over <c>event</c> and <c>dead</c>.</summary>
    public string? Where { get; init; }

    public bool All { get; init; }

    /// <summary>For a replay: <c>subscription</c> (default) or <c>topic</c>, which is all subscriptions of it.</summary>
    public string? To { get; init; }

    /// <summary>At most so many; a request never takes more than 10,000.</summary>
    public int? Limit { get; init; }

    /// <summary>With <see cref="Where"/> or <see cref="All"/>: only at greater positions; the <c>next</c> of the result before.</summary>
    public string? After { get; init; }

    /// <summary>With <see cref="Where"/> or <see cref="All"/>: only what was dead at this time; the <c>until</c> of the result before. Default: now.</summary>
    public DateTimeOffset? Until { get; init; }

    public bool DryRun { get; init; }
}

/// <summary>What became of them.</summary>
/// <param name="Subscription">The subscription.</param>
/// <param name="Positions">Those that were found and, unless it was a dry run, changed; in the order of their positions.</param>
/// <param name="Missing">Those that were asked for and are no dead letters (any more).</param>
/// <param name="DryRun">Whether nothing was changed.</param>
internal sealed record DeadResult(string Subscription, IReadOnlyList<string> Positions, IReadOnlyList<string> Missing, bool DryRun)
{
    /// <summary>For a replay: the subscriptions that get them.</summary>
    public IReadOnlyList<string>? Receivers { get; init; }

    /// <summary>What to give as <c>after</c>, with <see cref="Until"/>, to go on with the same set; left out when all of it is done.</summary>
    public string? Next { get; init; }

    /// <summary>When the set was fixed: what died later is not in it.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Those for which <c>where</c> had no value; left out when there were none.</summary>
    public WhereErrorsView? WhereErrors { get; init; }
}
