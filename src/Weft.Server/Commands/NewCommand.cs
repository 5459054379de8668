using System.CommandLine;
using System.Text.RegularExpressions;

namespace Weft.Server.Commands;

/// <summary><c>weft new</c>: a small file that works.</summary>
internal static partial class NewCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The name of the system: letters, digits and hyphens.", DefaultValueFactory = _ => "shop" };
        var command = new Command("new", "Writes a small weft.yaml that works as it is: a route, a topic and a subscription, with stubs for the services. Never overwrites a file.") { name };
        command.SetAction(result => Write(result.GetValue(name)!, terminal));
        return command;
    }

    private static int Write(string name, Terminal terminal)
    {
        if (!Name().IsMatch(name))
            throw CommandException.Usage($"'{name}' is no name for a system; allowed are letters, digits and hyphens, a letter first.");
        try
        {
            using var file = new StreamWriter(new FileStream(CommonOptions.DefaultFile, FileMode.CreateNew));
            file.Write(Template(name).ReplaceLineEndings("\n"));
        }
        catch (IOException) when (File.Exists(CommonOptions.DefaultFile))
        {
            throw new CommandException(ExitCode.Failed, $"{Path.GetFullPath(CommonOptions.DefaultFile)} exists already and was left as it is.");
        }
        terminal.Out.WriteLine($"""
            Wrote {CommonOptions.DefaultFile}. Next:
              weft check
              weft run
              curl http://127.0.0.1:8080/items/A-1
            """);
        return ExitCode.Fine;
    }

    private static string Template(string name) => $$"""
        weft: 1
        name: {{name}}
        defaults: { auth: none }            # anybody may call; name a way to authenticate before this is reachable from outside

        server:
          listen: [http://127.0.0.1:8080]
          probes: http://127.0.0.1:8081     # /health/live, /health/ready, /metrics
          admin:  { listen: http://127.0.0.1:9090 }

        connections:
          main: { sqlite: data/{{name}}.db }  # created at the first start

        services:                           # stubs answer in place of services; write endpoints: [{ url: http://host:port }] for real ones
          catalog: { stub: { "GET /items/{sku}": { body: { sku: path.sku, price: 9.90 } } } }
          billing: { stub: { "POST /invoices": { status: 202 } } }

        routes:
          items: { match: { path: "/items/{sku}", methods: [GET] }, forward: { service: catalog } }

        topics:
          orders: { key: event.subject, accept: {} }   # POST /topics/orders takes CloudEvents

        subscriptions:
          invoice: { from: orders, push: { service: billing, path: /invoices } }

        """;

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]{0,62}$")]
    private static partial Regex Name();
}
