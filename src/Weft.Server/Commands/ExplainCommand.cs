using System.CommandLine;
using Weft.Options;
using Weft.Server.Client;
using Weft.Server.Explain;
using Weft.Server.Hosting;

namespace Weft.Server.Commands;

/// <summary><c>weft explain</c>: what a key means, where a request or an event goes and why, what a subscription does.</summary>
internal static class ExplainCommand
{
    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("PATH") { Description = "A place in the file, such as subscriptions.retry or routes.match. Without it, the file as a whole.", DefaultValueFactory = _ => "" };
        var command = new Command("explain", "Explains a key of the file, a request, an event, a subscription or a policy.") { path, Route(terminal), Flow(terminal), Event(terminal), Policy(terminal) };
        command.SetAction(result =>
        {
            string asked = result.GetValue(path)!;
            terminal.Out.Write(Explained(asked) ?? throw CommandException.Usage($"The file has no place '{asked}'. 'weft explain' lists the sections."));
            return ExitCode.Fine;
        });
        return command;
    }

    // Where names stand in the file, none is needed here: subscriptions.retry is subscriptions.NAME.retry.
    private static string? Explained(string path)
    {
        int dot = path.IndexOf('.', StringComparison.Ordinal);
        return (dot < 0 ? null : SchemaText.Explain($"{path[..dot]}.NAME{path[dot..]}")) ?? SchemaText.Explain(path);
    }

    private static Command Route(Terminal terminal)
    {
        var request = new Argument<string>("REQUEST") { Description = "Method and path, such as \"GET /v1/orders/7\"." };
        var headers = new Option<string[]>("-H") { Description = "A header, such as \"Host: api.example.com\". May be given several times.", HelpName = "NAME:VALUE", DefaultValueFactory = _ => [] };
        var (files, output) = (CommonOptions.Files(), CommonOptions.Output());
        var command = new Command("route", "Says which route takes a request, why the others do not, and what happens to it, step by step.") { request, headers, files, output };
        command.SetAction(async (result, _) =>
        {
            var options = new Configuration(result.GetValue(files)!, new OnlyFilter([]), terminal).Read();
            var explanation = await RouteExplainer.ExplainAsync(options, result.GetValue(request)!, result.GetValue(headers)!).ConfigureAwait(false);
            explanation.Write(terminal, result.GetValue(output) == "json");
            return explanation.Route is null ? ExitCode.Failed : ExitCode.Fine;
        });
        return command;
    }

    private static Command Flow(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The name of a subscription." };
        var (files, output) = (CommonOptions.Files(), CommonOptions.Output());
        var command = new Command("flow", "Says what a subscription does with an event, step by step, with its numbers.") { name, files, output };
        command.SetAction(result =>
        {
            var options = new Configuration(result.GetValue(files)!, new OnlyFilter([]), terminal).Read();
            FlowExplanation.Of(options, result.GetValue(name)!).Write(terminal, result.GetValue(output) == "json");
            return ExitCode.Fine;
        });
        return command;
    }

    private static Command Policy(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The name of a policy; standard and none are built in. Also the name of a service, for its policy.", DefaultValueFactory = _ => PolicyOptions.StandardName };
        var (files, output) = (CommonOptions.Files(), CommonOptions.Output());
        var live = new Option<bool>("--live") { Description = "Shows how it stands in the running instance: breakers, timeouts, calls that run, repeats that are left." };
        var url = CommonOptions.Url();
        var command = new Command("policy", "Says what protects calls, in the order in which it works, with every number and where it comes from.") { name, live, url, files, output };
        command.SetAction(async (result, _) =>
        {
            var (options, places) = new Configuration(result.GetValue(files)!, new OnlyFilter([]), terminal).ReadWithPlaces();
            var explanation = PolicyExplanation.Of(options, places, result.GetValue(name)!);
            if (!result.GetValue(live) && result.GetValue(url) is not null)
                throw CommandException.Usage("--url names a running instance; it goes with --live.");
            if (result.GetValue(live))
            {
                var services = await Operator.UseAsync(result.GetValue(files)!, result.GetValue(url), terminal, o => o.ServicesAsync()).ConfigureAwait(false);
                explanation = explanation with { Live = [.. services.Where(s => s.Policy == explanation.Policy)] };
            }
            explanation.Write(terminal, result.GetValue(output) == "json");
            return ExitCode.Fine;
        });
        return command;
    }

    private static Command Event(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A CloudEvent as JSON (structured mode)." };
        var topic = new Option<string?>("--topic", "-t") { Description = "Only for this topic. Default: for each topic.", HelpName = "NAME" };
        var (files, output) = (CommonOptions.Files(), CommonOptions.Output());
        var command = new Command("event", "Says which key an event has in a topic, and which subscriptions get it.") { file, topic, files, output };
        command.SetAction(result =>
        {
            var options = new Configuration(result.GetValue(files)!, new OnlyFilter([]), terminal).Read();
            EventExplanation.Of(options, result.GetValue(file)!, result.GetValue(topic)).Write(terminal, result.GetValue(output) == "json");
            return ExitCode.Fine;
        });
        return command;
    }
}
