using System.CommandLine;
using System.Globalization;
using Weft.AspNetCore.Endpoints;
using Weft.Server.Client;

namespace Weft.Server.Commands;

/// <summary><c>weft subscriptions</c>: how they are, and pause, resume, seek, remove.</summary>
internal static class SubscriptionsCommand
{
    public static Command Create(Terminal terminal) => new("subscriptions", "Shows the subscriptions of a running instance, or of its stores when nothing runs, and acts on them.")
    {
        List(terminal),
        Change(terminal, "pause", "Holds a subscription back until it is resumed, in all processes and over restarts. Nothing is lost.", (o, name) => o.HoldAsync(name, pause: true)),
        Change(terminal, "resume", "Lets a paused subscription go on. A subscriber that was down is tried at once.", (o, name) => o.HoldAsync(name, pause: false)),
        Seek(terminal),
        Change(terminal, "remove", "Forgets a subscription that the file no longer names: its place, what it has to try again, and its dead letters.", (o, name) => o.RemoveAsync(name)),
    };

    private static InstanceCommand List(Terminal terminal) =>
        new InstanceCommand("list", "Lists them: state, what waits, what is tried again, dead letters.", terminal).Does(
            (_, o) => o.SubscriptionsAsync(),
            AdminJson.Default.IReadOnlyListSubscriptionView,
            all => terminal.WriteTable(["SUBSCRIPTION", "TOPIC", "STATE", "WAITING", "RETRYING", "BEHIND", "DEAD", "WHY"], all.Select(Row)));

    private static InstanceCommand Seek(Terminal terminal)
    {
        var name = Name();
        var to = new Option<string>("--to") { Description = "new, beginning, or a time such as 2026-05-01T00:00:00Z: the first event stored at or after it.", HelpName = "PLACE", Required = true };
        var command = new InstanceCommand("seek", "Moves a subscription to another place of its topic: events in between are delivered again or left out.", terminal) { name, to };
        return command.Does((result, o) => o.SeekAsync(result.GetValue(name)!, result.GetValue(to)!), AdminJson.Default.ChangeResult, done => Say(terminal, done));
    }

    private static InstanceCommand Change(Terminal terminal, string verb, string description, Func<IOperator, string, Task<ChangeResult>> act)
    {
        var name = Name();
        var command = new InstanceCommand(verb, description, terminal) { name };
        return command.Does((result, o) => act(o, result.GetValue(name)!), AdminJson.Default.ChangeResult, done => Say(terminal, done));
    }

    private static Argument<string> Name() => new("NAME") { Description = "The name of the subscription." };

    private static void Say(Terminal terminal, ChangeResult done) => terminal.Out.WriteLine($"{done.Subscription}: {done.Result}");

    private static string[] Row(SubscriptionView s) =>
        [s.Name, s.Topic, s.State, Number(s.Waiting), Number(s.Retrying), Number(s.Behind), Number(s.Dead), s.Reason ?? RuleErrors(s.RuleErrors)];

    private static string RuleErrors(RuleErrorsView? errors) =>
        errors is null ? "" : $"when had no value for {Number(errors.Count)} events; last at position {errors.Position}: {errors.Error}";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
