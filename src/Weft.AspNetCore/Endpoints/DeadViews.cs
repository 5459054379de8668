using Weft.EventBus;
using Weft.Flows;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Dead letters as the admin API shows them.</summary>
internal static class DeadViews
{
    /// <summary>One dead letter.</summary>
    /// <param name="info">Its subscription.</param>
    /// <param name="dead">It.</param>
    /// <param name="whole">Whether attributes, data, failed tries and the original are shown too.</param>
    public static DeadView Of(SubscriptionInfo info, ParkedMessage dead, bool whole)
    {
        var message = dead.Message;
        var notes = ParkedNotes.Read(dead.Notes);
        var view = new DeadView
        {
            Subscription = info.Name,
            Topic = info.Topic,
            Position = DeadLetters.Text(dead.Position),
            Id = message.Id,
            Type = message.Type,
            Source = message.Source,
            Key = EventContent.Key(dead.Key),
            Reason = dead.Reason ?? "unknown",
            Detail = dead.Detail,
            Attempts = dead.Attempts,
            FirstAt = dead.FirstAt,
            LastAt = dead.LastAt,
            Replays = Causation.ReplaysOf(message) is > 0 and var replays ? replays : null,
            EditedAt = notes.Edit?.At,
            EditedBy = notes.Edit?.By,
        };
        if (!whole)
            return view;
        var content = EventContent.Of(message);
        return view with
        {
            Attributes = content.Attributes,
            Data = content.Data,
            DataBase64 = content.DataBase64,
            History = [.. notes.Tries.Select(t => new AttemptView(t.Attempt, t.At, t.Reason, t.Detail))],
            Original = notes.Edit is { } edit ? EventContent.Of(edit.Original) : null,
        };
    }
}

/// <summary>Counts dead letters by cause.</summary>
internal sealed class DeadGrouping
{
    private readonly Dictionary<(string Subscription, string Reason, string Cause), DeadGroup> _groups = [];

    /// <summary>Counts one, and wants more.</summary>
    public bool Add(SubscriptionInfo info, ParkedMessage dead)
    {
        var key = (info.Name, dead.Reason ?? "unknown", CauseText.Of(dead.Detail));
        var group = _groups.GetValueOrDefault(key) ?? new(info.Name, info.Topic, key.Item2, key.Item3, 0, dead.FirstAt, dead.LastAt, DeadLetters.Text(dead.Position));
        _groups[key] = group with
        {
            Count = group.Count + 1,
            FirstAt = dead.FirstAt < group.FirstAt ? dead.FirstAt : group.FirstAt,
            LastAt = dead.LastAt > group.LastAt ? dead.LastAt : group.LastAt,
        };
        return true;
    }

    /// <summary>The causes, the most frequent first.</summary>
    public IReadOnlyList<DeadGroup> ToViews() =>
        [.. _groups.Values.OrderByDescending(g => g.Count).ThenBy(g => g.Subscription, StringComparer.Ordinal).ThenBy(g => g.Reason, StringComparer.Ordinal).ThenBy(g => g.Cause, StringComparer.Ordinal)];
}
