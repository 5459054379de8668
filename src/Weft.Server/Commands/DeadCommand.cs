using System.CommandLine;
using Weft.AspNetCore.Endpoints;
using Weft.Server.Client;

namespace Weft.Server.Commands;

/// <summary><c>weft dead</c>: what could not be delivered, and what shall become of it.</summary>
internal static class DeadCommand
{
    private const int MaxListed = 100_000;

    public static Command Create(Terminal terminal) => new("dead", "Shows the events that could not be delivered, changes them, and replays or discards them.")
    {
        List(terminal),
        Show(terminal),
        DeadEditCommand.Create(terminal),
        Change(terminal, replay: true),
        Change(terminal, replay: false),
    };

    /// <summary><c>-s NAME</c>, which one dead letter needs.</summary>
    internal static Option<string?> Subscription(bool required) => new("--subscription", "-s") { Description = "The subscription that they died in.", HelpName = "NAME", Required = required };

    private static InstanceCommand List(Terminal terminal)
    {
        var (subscription, where, limit) = (Subscription(required: false), Where(), CommonOptions.Limit(100, MaxListed));
        var topic = new Option<string?>("--topic", "-t") { Description = "Only those of this topic.", HelpName = "NAME" };
        var after = new Option<string?>("--after") { Description = "Goes on where a list before ended, as it said.", HelpName = "PLACE" };
        var group = new Option<bool>("--group") { Description = "Counts them by cause: the reason, and what was said with # for ids and numbers." };
        var command = new InstanceCommand("list", "Lists dead letters by subscription and position, or by cause.", terminal) { subscription, topic, where, group, limit, after };
        return command.Does(async (result, o) =>
        {
            var query = new DeadQuery { Subscription = result.GetValue(subscription), Topic = result.GetValue(topic), Where = result.GetValue(where), After = result.GetValue(after) };
            return result.GetValue(group)
                ? InstanceCommand.Result.Of(await GroupAsync(o, query).ConfigureAwait(false), AdminJson.Default.DeadGroups, groups => DeadText.Write(terminal, groups))
                : InstanceCommand.Result.Of(await ListAsync(o, query, result.GetValue(limit)).ConfigureAwait(false), AdminJson.Default.DeadPage, page => DeadText.Write(terminal, page));
        });
    }

    private static InstanceCommand Show(Terminal terminal)
    {
        var (position, subscription) = (Position(), Subscription(required: true));
        var command = new InstanceCommand("show", "Shows one dead letter: why it died, its last tries, attributes and data, and the original of one that was changed.", terminal) { position, subscription };
        return command.Does(
            (result, o) => o.ShowDeadAsync(result.GetValue(subscription)!, result.GetValue(position)!), AdminJson.Default.DeadView, dead => DeadText.Write(terminal, dead));
    }

    private static InstanceCommand Change(Terminal terminal, bool replay)
    {
        var positions = new Argument<string[]>("POSITION") { Description = "The positions that 'weft dead list' shows.", Arity = ArgumentArity.ZeroOrMore };
        var (subscription, where) = (Subscription(required: true), Where());
        var limit = new Option<int?>("--limit") { Description = "With --all or --where: at most so many, those at the lowest positions.", HelpName = "N" };
        var all = new Option<bool>("--all") { Description = "All dead letters that there are now." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says which it would be, and changes nothing." };
        var to = new Option<string>("--to") { Description = "Where to: the subscription that they died in, or the topic, which is all its subscriptions.", HelpName = "subscription|topic", DefaultValueFactory = _ => "subscription" };
        to.AcceptOnlyFromAmong("subscription", "topic");
        string description = replay
            ? "Delivers dead letters again, with all tries anew, in the order of their positions."
            : "Forgets dead letters for good.";
        var command = new InstanceCommand(replay ? "replay" : "discard", description, terminal) { positions, subscription, where, all, limit, dryRun };
        if (replay)
            command.Add(to);
        command.Validators.Add(result =>
        {
            int ways = (result.GetValue(all) ? 1 : 0) + (result.GetValue(positions) is { Length: > 0 } ? 1 : 0) + (result.GetValue(where) is not null ? 1 : 0);
            if (ways != 1)
                result.AddError("Say which dead letters: either their positions, or --where, or --all.");
            if (result.GetValue(limit) < 1)
                result.AddError($"--limit is {result.GetValue(limit)}; allowed is a number from 1.");
        });
        return command.Does(
            (result, o) => ChangeAsync(
                o,
                new()
                {
                    Subscription = result.GetValue(subscription),
                    Positions = result.GetValue(positions) is { Length: > 0 } named ? named : null,
                    Where = result.GetValue(where),
                    All = result.GetValue(all),
                    To = replay ? result.GetValue(to) : null,
                    DryRun = result.GetValue(dryRun),
                },
                replay,
                result.GetValue(limit) ?? int.MaxValue),
            AdminJson.Default.DeadResult,
            done => DeadText.Write(terminal, done, replay),
            isDone: done => done.Missing.Count == 0);
    }

    // A request looks at so many only; the command goes on until it has what was asked for.
    private static async Task<DeadPage> ListAsync(IOperator o, DeadQuery query, int limit)
    {
        var items = new List<DeadView>();
        var page = new DeadPage([], query.After);
        int scanned = 0;
        do
        {
            page = await o.ListDeadAsync(query with { After = page.Next }, Math.Min(limit - items.Count, DeadLetters.MaxLimit)).ConfigureAwait(false);
            items.AddRange(page.Items);
            scanned += page.Scanned;
        }
        while (page.Next is not null && items.Count < limit);
        return page with { Items = items, Scanned = scanned };
    }

    private static async Task<DeadGroups> GroupAsync(IOperator o, DeadQuery query)
    {
        var all = await o.GroupDeadAsync(query).ConfigureAwait(false);
        while (all.Next is not null)
        {
            var more = await o.GroupDeadAsync(query with { After = all.Next }).ConfigureAwait(false);
            var merged = all.Groups.Concat(more.Groups).GroupBy(g => (g.Subscription, g.Reason, g.Cause))
                .Select(same => same.First() with { Count = same.Sum(g => g.Count), FirstAt = same.Min(g => g.FirstAt), LastAt = same.Max(g => g.LastAt) });
            all = new([.. merged.OrderByDescending(g => g.Count)], all.Scanned + more.Scanned, more.Next) { WhereErrors = more.WhereErrors ?? all.WhereErrors };
        }
        return all;
    }

    // The set is fixed by the time that the first answer says.
    private static async Task<DeadResult> ChangeAsync(IOperator o, DeadRequest request, bool replay, int limit)
    {
        var (positions, missing) = (new List<string>(), new List<string>());
        while (true)
        {
            var done = await o.ChangeDeadAsync(request.Positions is null ? request with { Limit = Math.Min(limit - positions.Count, DeadLetters.MaxChanged) } : request, replay).ConfigureAwait(false);
            positions.AddRange(done.Positions);
            missing.AddRange(done.Missing);
            if (done.Next is null || positions.Count >= limit)
                return done with { Positions = positions, Missing = missing };
            request = request with { After = done.Next, Until = done.Until };
        }
    }

    private static Argument<string> Position() => new("POSITION") { Description = "The position that 'weft dead list' shows." };

    private static Option<string?> Where() => new("--where")
    {
        Description = "Only those for which this is true: an expression over event and dead.reason, detail, attempts, firstAt, lastAt, key, subscription and position.",
        HelpName = "EXPRESSION",
    };
}
