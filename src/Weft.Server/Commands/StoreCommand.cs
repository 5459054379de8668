using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.EventBus;
using Weft.Server.Hosting;

namespace Weft.Server.Commands;

/// <summary><c>weft store</c>: check, backup and upgrade of the stores that the file names.</summary>
internal static class StoreCommand
{
    public static Command Create(Terminal terminal) => new("store", "Looks after the stores under 'connections'. Checks and backups can be made while a process uses them.")
    {
        Check(terminal),
        BackUp(terminal),
        Upgrade(terminal),
        Move(terminal),
    };

    private static Command Check(Terminal terminal)
    {
        var (files, output, name) = (CommonOptions.Files(), CommonOptions.Output(), Name());
        var command = new Command("check", "Looks at everything in the stores and whether it fits together; changes nothing.") { name, files, output };
        command.SetAction(async (result, cancellation) =>
        {
            var reports = new List<StoreReport>();
            foreach (var (store, tools) in Stores(terminal, result.GetValue(files)!, result.GetValue(name)))
            {
                var facts = await tools.InspectAsync(cancellation).ConfigureAwait(false);
                reports.Add(new(store, tools.Place, facts.Version, facts.Newest, facts.Bytes, facts.Topics, facts.Subscriptions, await tools.CheckAsync(cancellation).ConfigureAwait(false)));
            }
            if (result.GetValue(output) == "json")
                terminal.Out.WriteLine(JsonSerializer.Serialize(reports, StoreJson.Default.ListStoreReport));
            else
                reports.ForEach(report => Say(terminal, report));
            return reports.Exists(r => r.Findings.Count > 0) ? ExitCode.Failed : ExitCode.Fine;
        });
        return command;
    }

    private static Command BackUp(Terminal terminal)
    {
        var (files, name) = (CommonOptions.Files(), Name());
        var to = new Option<string>("--to") { Description = "The file to write; it must not exist yet.", HelpName = "FILE", Required = true };
        var command = new Command("backup", "Writes all that a store holds, as of one moment, to a file that 'connections' can name. To restore, stop the process and put the file in the place of the store.") { name, to, files };
        command.SetAction(async (result, cancellation) =>
        {
            var all = Stores(terminal, result.GetValue(files)!, result.GetValue(name));
            if (all.Count > 1)
                throw new CommandException(ExitCode.Usage, $"There are several stores: {string.Join(", ", all.Select(s => s.Name))}. Name the one to back up: weft store backup {all[0].Name} --to FILE.");
            string file = result.GetValue(to)!;
            long bytes = await all[0].Tools.BackUpAsync(file, cancellation).ConfigureAwait(false);
            terminal.Out.WriteLine($"{all[0].Name}: {Size(bytes)} in {file}.");
            return ExitCode.Fine;
        });
        return command;
    }

    private static Command Upgrade(Terminal terminal)
    {
        var (files, name) = (CommonOptions.Files(), Name());
        var command = new Command("upgrade", "Brings stores up to the version of this Weft, as the next start would. Older versions of Weft cannot open them afterwards: make a backup first.") { name, files };
        command.SetAction(async (result, cancellation) =>
        {
            foreach (var (store, tools) in Stores(terminal, result.GetValue(files)!, result.GetValue(name)))
            {
                long before = await tools.UpgradeAsync(cancellation).ConfigureAwait(false);
                long now = (await tools.InspectAsync(cancellation).ConfigureAwait(false)).Version;
                terminal.Out.WriteLine(Text(before == now ? (FormattableString)$"{store}: has version {now}, which is the newest." : $"{store}: brought from version {before} to {now}."));
            }
            return ExitCode.Fine;
        });
        return command;
    }

    private static Command Move(Terminal terminal)
    {
        var files = CommonOptions.Files();
        var from = new Option<string>("--from") { Description = "The connection to move: a SQLite store that no process uses.", HelpName = "NAME", Required = true };
        var to = new Option<string>("--to") { Description = "The connection to fill: a PostgreSQL database and schema without a store, or with an empty one.", HelpName = "NAME", Required = true };
        var command = new Command("move", "Moves all that a store holds to an empty one: topics, messages, subscriptions with what they have read, parked messages and dead letters, scheduled messages, what was published lately. All of it or nothing; the old store stays as it is.") { from, to, files };
        command.SetAction(async (result, cancellation) =>
        {
            var (source, target) = (Store(from), Store(to));
            var contents = await source.Tools.OpenAsync(cancellation).ConfigureAwait(false) ?? throw NotMoved(source.Name, "from");
            StoreMoved moved;
            await using (contents.ConfigureAwait(false))
                moved = await target.Tools.FillAsync(contents, cancellation).ConfigureAwait(false) ?? throw NotMoved(target.Name, "to");
            terminal.Out.WriteLine(Text($"{source.Name} to {target.Name}: {moved.Topics} topics, {moved.Messages} messages, {moved.Subscriptions} subscriptions with {moved.Unread} to read and {moved.Parked} parked, {moved.Scheduled} scheduled, {moved.Identities} identities; compared and the same."));
            terminal.Out.WriteLine($"Positions are new. Let the topics name '{target.Name}' as their store, and keep {source.Tools.Place} until all runs well.");
            return ExitCode.Fine;

            (string Name, IStoreTools Tools) Store(Option<string> option) => Stores(terminal, result.GetValue(files)!, result.GetValue(option))[0];
        });
        return command;

        static CommandException NotMoved(string name, string where) =>
            new(ExitCode.Usage, $"Connection '{name}' cannot be moved {where}: a SQLite store is moved to PostgreSQL.");
    }

    private static Argument<string?> Name() => new("NAME") { Description = "The name under 'connections'; all when not said.", Arity = ArgumentArity.ZeroOrOne };

    private static List<(string Name, IStoreTools Tools)> Stores(Terminal terminal, string[] files, string? name)
    {
        var options = new Configuration(files, new OnlyFilter([]), terminal).Read();
        if (name is not null && !options.Connections.ContainsKey(name))
            throw new CommandException(ExitCode.Usage, $"There is no connection '{name}'. Connections: {string.Join(", ", options.Connections.Keys)}.");
        var services = new ServiceCollection();
        services.AddLogging().AddWeft(weft => weft.UseSqlite().UsePostgres());
        using var provider = services.BuildServiceProvider();
        var factories = provider.GetServices<ILogFactory>().ToArray();
        var found = options.Connections.Where(c => name is null || c.Key == name)
            .Select(c => (c.Key, Tools: factories.FirstOrDefault(f => f.Handles(c.Value))?.Tools(c.Value)))
            .Where(s => s.Tools is not null).Select(s => (Name: s.Key, Tools: s.Tools!)).ToList();
        return found.Count > 0 ? found : throw new CommandException(ExitCode.Failed, name is null
            ? "The file has no store. Add connections: { main: { sqlite: data/weft.db } }."
            : $"Connection '{name}' is no store.");
    }

    private static void Say(Terminal terminal, StoreReport report)
    {
        string state = report.Findings.Count == 0 ? "sound" : report.Findings.Count == 1 ? "1 finding" : Text($"{report.Findings.Count} findings");
        string older = report.Version < report.Newest ? Text($" (the next start brings it to {report.Newest})") : "";
        terminal.Out.WriteLine(Text($"{report.Name}: {report.Place}, version {report.Version}{older}, {Size(report.Bytes)}, {report.Topics} topics, {report.Subscriptions} subscriptions: {state}."));
        foreach (string finding in report.Findings)
            terminal.Out.WriteLine("  " + finding);
    }

    private static string Size(long bytes) => Text(bytes < 1 << 20 ? (FormattableString)$"{bytes / 1024.0:0.#} KB" : $"{bytes / 1048576.0:0.#} MB");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What <c>weft store check</c> says of a store.</summary>
internal sealed record StoreReport(string Name, string Place, long Version, long Newest, long Bytes, int Topics, int Subscriptions, IReadOnlyList<string> Findings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<StoreReport>))]
internal sealed partial class StoreJson : JsonSerializerContext;
