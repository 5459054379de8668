using Weft.EventBus;
using Weft.Flows;
using Weft.Options;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Messages of topics as the admin API shows them.</summary>
internal static class MessageViews
{
    /// <summary>One message.</summary>
    /// <param name="topic">Its topic.</param>
    /// <param name="entry">It.</param>
    /// <param name="whole">Whether attributes and data are shown too.</param>
    public static MessageView Of(string topic, in LogEntry entry, bool whole)
    {
        var message = entry.Message;
        var view = new MessageView
        {
            Topic = topic,
            Position = DeadLetters.Text(entry.Position),
            AppendedAt = entry.AppendedAt,
            Id = message.Id,
            Type = message.Type,
            Source = message.Source,
            Subject = message.Subject,
            Key = EventContent.Key(entry.Key),
            Size = message.Data.Length,
            CausationId = message.TryGet(Causation.Id, out var cause) ? System.Text.Encoding.UTF8.GetString(cause) : null,
            TraceId = Causation.TraceOf(message)?.TraceId.ToHexString(),
        };
        if (!whole)
            return view;
        var content = EventContent.Of(message);
        return view with { Attributes = content.Attributes, Data = content.Data, DataBase64 = content.DataBase64 };
    }

    /// <summary>What became of a message in a subscription.</summary>
    public static DeliveryView Delivery(string subscription, in LogEntry entry, ParkedMessage? parked, bool hasPassed, WeftOptions options)
    {
        var named = options.Subscriptions.GetValueOrDefault(subscription);
        var view = new DeliveryView(subscription, parked switch
        {
            { State: ParkedState.Dead } => "dead",
            { State: ParkedState.Behind } => "behind",
            not null => "retrying",
            null when !hasPassed => "waiting",
            _ => Matches(named, entry, options) ? "acknowledged" : "skipped",
        })
        {
            Target = named switch
            {
                { Push: { } push } => $"service {push.Service} {push.Path}",
                { Handler: { } handler } => $"handler {handler}",
                _ => null,
            },
        };
        return parked is null or { State: ParkedState.Behind }
            ? view
            : view with { Attempts = parked.Attempts, Reason = parked.Reason, Detail = parked.Detail, LastAt = parked.LastAt, Due = parked.State == ParkedState.Retry ? parked.Due : null };
    }

    // By the condition as it is now; it may have been another when the message was passed.
    private static bool Matches(SubscriptionOptions? subscription, in LogEntry entry, WeftOptions options) =>
        subscription?.When is null || DeadLetters.Compile(() => Where.OverMessages(subscription.When, options))!.Holds(entry);
}
