using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Dead letters as the admin API and the command show and change them.</summary>
internal sealed class DeadLetters(BusAdmin bus)
{
    /// <summary>The most that one page or one change takes.</summary>
    public const int MaxLimit = 1000;

    /// <summary>A page of the dead letters of a subscription.</summary>
    /// <exception cref="AdminException">There is no such subscription.</exception>
    public async Task<DeadPage> ListAsync(string subscription, long after, int limit, CancellationToken cancellation)
    {
        var (topic, found) = await ReadAsync(subscription, after, limit, cancellation).ConfigureAwait(false);
        return new([.. found.Select(d => View(subscription, topic, d, whole: false))], found.Count == limit ? Text(found[^1].Position) : null);
    }

    /// <summary>One dead letter with all it holds.</summary>
    /// <exception cref="AdminException">There is no such subscription or dead letter.</exception>
    public async Task<DeadView> ShowAsync(string subscription, long position, CancellationToken cancellation)
    {
        var (topic, found) = await ReadAsync(subscription, position - 1, 1, cancellation).ConfigureAwait(false);
        return found is [var dead] && dead.Position == position
            ? View(subscription, topic, dead, whole: true)
            : throw new AdminException(404, $"Subscription '{subscription}' has no dead letter at position {Text(position)}.");
    }

    /// <summary>Replays or discards. The set is fixed before anything is changed: what dies meanwhile is not in it.</summary>
    /// <exception cref="AdminException">The request is not complete, or there is no such subscription.</exception>
    public async Task<DeadResult> ChangeAsync(DeadRequest request, bool replay, CancellationToken cancellation)
    {
        string subscription = request.Subscription ?? throw new AdminException(400, "'subscription' is missing.");
        int limit = request.Limit ?? MaxLimit;
        if (limit is < 1 or > MaxLimit)
            throw new AdminException(400, $"'limit' is {limit}; allowed 1 to {MaxLimit}.");
        if (request.All == (request.Positions is { Count: > 0 }))
            throw new AdminException(400, "Say which dead letters: either 'positions', or 'all': true.");

        var asked = request.Positions is { } list
            ? [.. list.Select(ParsePosition).Distinct()]
            : (await ReadAsync(subscription, 0, limit, cancellation).ConfigureAwait(false)).Found.Select(d => d.Position).ToArray();
        if (asked.Length > MaxLimit)
            throw new AdminException(400, $"{asked.Length} positions are more than the {MaxLimit} that one request may name.");

        var done = request.DryRun ? await FindAsync(subscription, asked, cancellation).ConfigureAwait(false)
            : replay ? await bus.ReplayAsync(subscription, asked, cancellation).ConfigureAwait(false)
            : await bus.DiscardAsync(subscription, asked, cancellation).ConfigureAwait(false);
        return new(subscription, [.. done.Select(Text)], [.. asked.Except(done).Select(Text)], request.DryRun);
    }

    /// <summary>Reads a position as it stands in JSON.</summary>
    /// <exception cref="AdminException">It is none.</exception>
    public static long ParsePosition(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long position) && position > 0
            ? position
            : throw new AdminException(400, $"'{text}' is no position; a position is a whole number from 1.");

    private async Task<IReadOnlyList<long>> FindAsync(string subscription, long[] positions, CancellationToken cancellation)
    {
        await ReadAsync(subscription, 0, 1, cancellation).ConfigureAwait(false);
        var found = new List<long>();
        foreach (long position in positions)
        {
            if (await bus.ShowDeadAsync(subscription, position, cancellation).ConfigureAwait(false) is not null)
                found.Add(position);
        }
        return found;
    }

    private async Task<(string Topic, IReadOnlyList<ParkedMessage> Found)> ReadAsync(string subscription, long after, int limit, CancellationToken cancellation)
    {
        var all = await bus.ListAsync(cancellation).ConfigureAwait(false);
        var status = all.FirstOrDefault(s => s.Info.Name == subscription);
        var found = status is null ? null : await bus.ListDeadAsync(subscription, after, limit, cancellation).ConfigureAwait(false);
        return found is null
            ? throw new AdminException(404, $"There is no subscription '{subscription}'. Subscriptions: {string.Join(", ", all.Select(s => s.Info.Name))}.")
            : (status!.Info.Topic, found);
    }

    private static string Text(long position) => position.ToString(CultureInfo.InvariantCulture);

    private static DeadView View(string subscription, string topic, ParkedMessage dead, bool whole)
    {
        var message = dead.Message;
        var view = new DeadView
        {
            Subscription = subscription,
            Topic = topic,
            Position = Text(dead.Position),
            Id = message.Id,
            Type = message.Type,
            Source = message.Source,
            Key = dead.Key.IsEmpty ? null : Encoding.UTF8.GetString(dead.Key.Span),
            Reason = dead.Reason ?? "unknown",
            Detail = dead.Detail,
            Attempts = dead.Attempts,
            FirstAt = dead.FirstAt,
            LastAt = dead.LastAt,
        };
        if (!whole)
            return view;
        bool isText = IsText(message);
        return view with
        {
            Attributes = AttributesOf(message),
            Data = message.HasData && isText ? Encoding.UTF8.GetString(message.Data.Span) : null,
            DataBase64 = message.HasData && !isText ? Convert.ToBase64String(message.Data.Span) : null,
        };
    }

    private static bool IsText(Message message) =>
        (message.IsJsonData || message.DataContentType?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true)
        && Utf8.IsValid(message.Data.Span);

    private static Dictionary<string, string> AttributesOf(Message message)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal) { ["specversion"] = "1.0" };
        foreach (var attribute in message.Attributes)
            all[Encoding.UTF8.GetString(attribute.Name)] = Encoding.UTF8.GetString(attribute.Value);
        return all;
    }
}
