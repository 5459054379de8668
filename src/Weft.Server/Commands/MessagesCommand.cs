using System.CommandLine;
using System.Globalization;
using Weft.AspNetCore.Endpoints;
using Weft.Server.Client;

namespace Weft.Server.Commands;

/// <summary><c>weft messages</c>: what the topics hold, where a message came from and what became of it.</summary>
internal static class MessagesCommand
{
    private const int MaxListed = 100_000;

    public static Command Create(Terminal terminal) => new("messages", "Shows what the topics hold, where a message came from, and what became of it.")
    {
        List(terminal),
        Show(terminal),
        Trace(terminal),
    };

    private static InstanceCommand List(Terminal terminal)
    {
        var (topic, limit) = (Topic(), CommonOptions.Limit(100, MaxListed));
        var where = new Option<string?>("--where") { Description = "Only those for which this is true: an expression over event, such as event.type == 'OrderCreated'.", HelpName = "EXPRESSION" };
        var from = new Option<string?>("--from") { Description = "The first position or time, such as 2026-05-01T00:00:00Z.", HelpName = "PLACE" };
        var to = new Option<string?>("--to") { Description = "The last position or time.", HelpName = "PLACE" };
        var after = new Option<string?>("--after") { Description = "Goes on where a list before ended, as it said.", HelpName = "POSITION" };
        var newest = new Option<bool>("--newest") { Description = "The newest first." };
        var command = new InstanceCommand("list", "Lists messages of a topic, oldest first.", terminal) { topic, where, from, to, newest, limit, after };
        return command.Does(
            (result, o) => ListAsync(
                o,
                new(result.GetValue(topic)!)
                {
                    Where = result.GetValue(where),
                    From = result.GetValue(from),
                    To = result.GetValue(to),
                    After = result.GetValue(after),
                    Newest = result.GetValue(newest),
                },
                result.GetValue(limit)),
            AdminJson.Default.MessagePage,
            page => WriteList(terminal, page));
    }

    private static InstanceCommand Show(Terminal terminal)
    {
        var (position, topic) = (Position(), Topic());
        var command = new InstanceCommand("show", "Shows one message: its attributes and its data.", terminal) { position, topic };
        return command.Does(
            (result, o) => o.ShowMessageAsync(result.GetValue(topic)!, result.GetValue(position)!), AdminJson.Default.MessageView, message => WriteOne(terminal, message));
    }

    private static InstanceCommand Trace(Terminal terminal)
    {
        var (position, topic) = (Position(), Topic());
        var command = new InstanceCommand("trace", "Shows where a message came from, what became of it in each subscription, and what was published because of it.", terminal) { position, topic };
        return command.Does(
            (result, o) => o.TraceMessageAsync(result.GetValue(topic)!, result.GetValue(position)!), AdminJson.Default.TraceView, trace => WriteTrace(terminal, trace));
    }

    // A request looks at so many only; the command goes on until it has what was asked for.
    private static async Task<MessagePage> ListAsync(IOperator o, MessageQuery query, int limit)
    {
        var items = new List<MessageView>();
        var page = new MessagePage([], query.After, 0);
        int scanned = 0;
        do
        {
            page = await o.ListMessagesAsync(query with { After = page.Next }, Math.Min(limit - items.Count, MessageLookup.MaxLimit)).ConfigureAwait(false);
            items.AddRange(page.Items);
            scanned += page.Scanned;
        }
        while (page.Next is not null && items.Count < limit);
        return page with { Items = items, Scanned = scanned };
    }

    private static void WriteList(Terminal terminal, MessagePage page)
    {
        if (page.Items.Count == 0)
            terminal.Out.WriteLine("No messages.");
        terminal.WriteTable(["POSITION", "STORED", "TYPE", "ID", "SUBJECT", "KEY", "BYTES"], page.Items.Select(m => (string[])
            [m.Position, DeadText.Time(m.AppendedAt), m.Type, m.Id, m.Subject ?? "", m.Key ?? "", m.Size.ToString(CultureInfo.InvariantCulture)]));
        if (page.Next is not null)
            terminal.Error.WriteLine($"There are more: --after {page.Next}");
        DeadText.WriteErrors(terminal, page.WhereErrors);
    }

    private static void WriteOne(Terminal terminal, MessageView message)
    {
        terminal.WriteTable(["MESSAGE", $"{message.Topic} {message.Position}"],
        [
            ["stored", DeadText.Time(message.AppendedAt)],
            ["key", message.Key ?? ""],
            .. message.Attributes!.Select(a => (string[])[a.Key, a.Value]),
        ]);
        DeadText.WriteData(terminal, message.Data ?? message.DataBase64);
    }

    private static void WriteTrace(Terminal terminal, TraceView trace)
    {
        var message = trace.Message;
        if (trace.Request is { } request)
            terminal.Out.WriteLine($"request   trace {request.TraceId}, span {request.SpanId}");
        if (trace.Cause is { } cause)
            terminal.Out.WriteLine($"because of {Name(cause)}");
        else if (message.CausationId is { } id)
            terminal.Out.WriteLine($"because of event {id}, which no topic has any more");
        terminal.Out.WriteLine($"message   {Name(message)}, stored {DeadText.Time(message.AppendedAt)}");
        terminal.WriteTable(["SUBSCRIPTION", "OUTCOME", "TARGET", "TRIES", "LAST", "WHY"], trace.Deliveries.Select(d => (string[])
        [
            d.Subscription, d.Outcome, d.Target ?? "", d.Attempts?.ToString(CultureInfo.InvariantCulture) ?? "",
            d.LastAt is { } at ? DeadText.Time(at) : "", $"{d.Reason} {d.Detail}".Trim(),
        ]));
        foreach (var caused in trace.Caused)
            terminal.Out.WriteLine($"{(caused.By == "replay" ? "replayed " : "published")} {Name(caused.Message)}{(caused.By == "trace" ? ", by its trace" : "")}");
        if (!trace.Complete)
            terminal.Error.WriteLine("There was more than can be looked through at once; some of what was published because of it may be missing.");
    }

    private static string Name(MessageView message) => $"{message.Topic} {message.Position}: {message.Type} {message.Id}";

    private static Option<string> Topic() => new("--topic", "-t") { Description = "The topic.", HelpName = "NAME", Required = true };

    private static Argument<string> Position() => new("POSITION") { Description = "The position that 'weft messages list' shows." };
}
