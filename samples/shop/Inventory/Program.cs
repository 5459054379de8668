using Weft;
using Weft.Samples.Shop;

var builder = WebApplication.CreateBuilder(args);
string data = builder.Configuration["data"] ?? "data", orders = builder.Configuration["orders"] ?? "http://127.0.0.1:18080";
Directory.CreateDirectory(data);

// region setup
string database = Path.Combine(data, "inventory.db");
var stock = new StockDb(database);
builder.Services.AddSingleton(stock);
builder.AddWeft(weft => weft
    .Configure(options => options with { Name = "inventory" })
    .UseSqlite(Path.Combine(data, "inventory-events.db"))
    .UseGateway()
    .Connection("shop", new() { Sqlite = database }).Outbox("shop")
    .Topic("orders", new() { Accept = new() { Auth = "none" } })                     // the orders service publishes here
    .Topic("stock")
    .Service("orders", new() { Endpoints = [new() { Url = orders }] })
    .Subscription("to-orders", new() { From = "stock", Push = new() { Service = "orders", Path = "/topics/stock" } })
    .AddHandlers()                                                                   // Reservations
    .AcceptKills(builder.Configuration));
// endregion

var app = builder.Build();
await stock.CreateAsync();
app.MapGet("/stock/{item}", async (string item, StockDb db) => await db.AvailableAsync(item) is { } available ? Results.Ok(new { item, available }) : Results.NotFound());
app.MapWeft();
await app.RunAsync();
