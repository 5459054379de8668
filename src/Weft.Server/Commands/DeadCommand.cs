using System.CommandLine;
using System.Globalization;
using Weft.AspNetCore.Endpoints;
using Weft.Server.Client;

namespace Weft.Server.Commands;

/// <summary><c>weft dead</c>: what could not be delivered, and what shall become of it.</summary>
internal static class DeadCommand
{
    public static Command Create(Terminal terminal) => new("dead", "Shows the events that could not be delivered, and replays or discards them.")
    {
        List(terminal),
        Show(terminal),
        Change(terminal, replay: true),
        Change(terminal, replay: false),
    };

    private static InstanceCommand List(Terminal terminal)
    {
        var (subscription, topic, limit) = (Subscription(required: false), Topic(), Limit(100));
        var command = new InstanceCommand("list", "Lists dead letters, oldest first.", terminal) { subscription, topic, limit };
        return command.Does(
            async (result, o) =>
            {
                int left = result.GetValue(limit);
                var items = new List<DeadView>();
                foreach (string name in await NamesAsync(o, result.GetValue(subscription), result.GetValue(topic)).ConfigureAwait(false))
                {
                    if (left - items.Count > 0)
                        items.AddRange((await o.ListDeadAsync(name, null, left - items.Count).ConfigureAwait(false)).Items);
                }
                return new DeadPage(items, null);
            },
            AdminJson.Default.DeadPage,
            page => WriteList(terminal, page));
    }

    private static InstanceCommand Show(Terminal terminal)
    {
        var (position, subscription) = (new Argument<string>("POSITION") { Description = "The position that 'weft dead list' shows." }, Subscription(required: true));
        var command = new InstanceCommand("show", "Shows one dead letter: why it died, its attributes and its data.", terminal) { position, subscription };
        return command.Does(
            (result, o) => o.ShowDeadAsync(result.GetValue(subscription)!, result.GetValue(position)!), AdminJson.Default.DeadView, dead => WriteOne(terminal, dead));
    }

    private static InstanceCommand Change(Terminal terminal, bool replay)
    {
        var positions = new Argument<string[]>("POSITION") { Description = "The positions that 'weft dead list' shows.", Arity = ArgumentArity.ZeroOrMore };
        var (subscription, limit) = (Subscription(required: true), Limit(DeadLetters.MaxLimit));
        var all = new Option<bool>("--all") { Description = "All dead letters that there are now, up to --limit." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says which it would be, and changes nothing." };
        string description = replay
            ? "Delivers dead letters again to the subscription they died in, with all tries anew."
            : "Forgets dead letters for good.";
        var command = new InstanceCommand(replay ? "replay" : "discard", description, terminal) { positions, subscription, all, limit, dryRun };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == (result.GetValue(positions) is { Length: > 0 }))
                result.AddError("Say which dead letters: either their positions, or --all.");
        });
        return command.Does(
            (result, o) => o.ChangeDeadAsync(
                new()
                {
                    Subscription = result.GetValue(subscription),
                    Positions = result.GetValue(all) ? null : result.GetValue(positions),
                    All = result.GetValue(all),
                    Limit = result.GetValue(all) ? result.GetValue(limit) : null,
                    DryRun = result.GetValue(dryRun),
                },
                replay),
            AdminJson.Default.DeadResult,
            done => WriteDone(terminal, done, replay),
            isDone: done => done.Missing.Count == 0);
    }

    // Those that have dead letters; the one that is named, whether it has any or not.
    private static async Task<IEnumerable<string>> NamesAsync(IOperator o, string? subscription, string? topic) => subscription is not null
        ? [subscription]
        : (await o.SubscriptionsAsync().ConfigureAwait(false)).Where(s => s.Dead > 0 && (topic is null || s.Topic == topic)).Select(s => s.Name);

    private static void WriteList(Terminal terminal, DeadPage page)
    {
        if (page.Items.Count == 0)
            terminal.Out.WriteLine("No dead letters.");
        terminal.WriteTable(["SUBSCRIPTION", "POSITION", "TYPE", "ID", "REASON", "TRIES", "LAST"], page.Items.Select(d => (string[])
            [d.Subscription, d.Position, d.Type, d.Id, d.Reason, d.Attempts.ToString(CultureInfo.InvariantCulture), Time(d.LastAt)]));
    }

    private static void WriteOne(Terminal terminal, DeadView dead)
    {
        terminal.WriteTable(["DEAD LETTER", $"{dead.Subscription} {dead.Position}"],
        [
            ["topic", dead.Topic],
            ["reason", dead.Reason],
            ["detail", dead.Detail ?? ""],
            ["tries", $"{dead.Attempts}, first failed {Time(dead.FirstAt)}, last {Time(dead.LastAt)}"],
            ["key", dead.Key ?? ""],
            .. dead.Attributes!.Select(a => (string[])[a.Key, a.Value]),
        ]);
        if ((dead.Data ?? dead.DataBase64) is { } data)
            terminal.Out.WriteLine($"\n{data}");
    }

    private static void WriteDone(Terminal terminal, DeadResult done, bool replay)
    {
        string verb = (replay, done.DryRun) switch { (true, true) => "would be delivered again", (true, false) => "are delivered again", (false, true) => "would be discarded", _ => "were discarded" };
        terminal.Out.WriteLine($"{done.Positions.Count} dead letters of {done.Subscription} {verb}{(done.Positions.Count is > 0 and <= 20 ? ": " + string.Join(", ", done.Positions) : "")}.");
        if (done.Missing.Count > 0)
            terminal.Error.WriteLine($"Not found: {string.Join(", ", done.Missing)}.");
    }

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static Option<string?> Subscription(bool required) => new("--subscription", "-s") { Description = "The subscription that they died in.", HelpName = "NAME", Required = required };

    private static Option<string?> Topic() => new("--topic", "-t") { Description = "Only those of this topic.", HelpName = "NAME" };

    private static Option<int> Limit(int limit)
    {
        var option = new Option<int>("--limit") { Description = $"At most so many, 1 to {DeadLetters.MaxLimit}.", HelpName = "N", DefaultValueFactory = _ => limit };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > DeadLetters.MaxLimit)
                result.AddError($"--limit is {result.GetValueOrDefault<int>()}; allowed 1 to {DeadLetters.MaxLimit}.");
        });
        return option;
    }
}
