using Microsoft.EntityFrameworkCore;
using Weft;
using Weft.EventBus;
using Weft.Samples.Shop;

var builder = WebApplication.CreateBuilder(args);
string data = builder.Configuration["data"] ?? "data", inventory = builder.Configuration["inventory"] ?? "http://127.0.0.1:18081";
Directory.CreateDirectory(data);

// region setup
string database = Path.Combine(data, "orders.db");
builder.Services.AddDbContext<OrdersDb>(options => options.UseSqlite($"Data Source={database}"));
builder.AddWeft(weft => weft
    .Configure(options => options with { Name = "orders" })
    .UseSqlite(Path.Combine(data, "orders-events.db"))                               // the topics
    .UseGateway()
    .Connection("shop", new() { Sqlite = database }).Outbox("shop")                  // the service's own database
    .Topic("orders")
    .Topic("stock", new() { Accept = new() { Auth = "none" } })                      // the inventory publishes here
    .Service("inventory", new() { Endpoints = [new() { Url = inventory }] })
    .Subscription("to-inventory", new()
    {
        From = "orders",
        When = "event.type in ['OrderCreated', 'OrderCancelled']",
        Push = new() { Service = "inventory", Path = "/topics/orders" },
    })
    .AddHandlers()                                                                   // StockAnswers
    .AcceptKills(builder.Configuration));
// endregion

var app = builder.Build();
await using (var scope = app.Services.CreateAsyncScope())
    await scope.ServiceProvider.GetRequiredService<OrdersDb>().Database.EnsureCreatedAsync();

// region create
app.MapPost("/orders", async (NewOrder ask, OrdersDb db, EventFactory events) =>
{
    if (await db.Orders.FindAsync(ask.Id) is { } known)
        return Results.Ok(known);
    var order = new Order { Id = ask.Id, Item = ask.Item, Quantity = ask.Quantity };
    db.Orders.Add(order);
    db.Publish("orders", events.Create(new OrderCreated(order.Id, order.Item, order.Quantity), About.Order(order.Id)));
    await db.SaveChangesAsync();                                                     // the order and its event: both, or neither
    return Results.Created($"/orders/{order.Id}", order);
});
// endregion
app.MapGet("/orders/{id}", async (string id, OrdersDb db) =>
    await db.Orders.FindAsync(id) is { } order ? Results.Ok(order) : Results.NotFound());
app.MapDelete("/orders/{id}", async (string id, OrdersDb db, EventFactory events) =>
{
    if (await db.Orders.FindAsync(id) is not { } order)
        return Results.NotFound();
    if (order.State == OrderState.Rejected)
        return Results.Conflict(order);
    if (order.State != OrderState.Cancelled)
    {
        order.State = OrderState.Cancelled;
        db.Publish("orders", events.Create(new OrderCancelled(id), About.Order(id)));
    }
    try
    {
        await db.SaveChangesAsync();
        return Results.Ok(order);
    }
    catch (DbUpdateConcurrencyException)
    {
        return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);          // its answer came between: ask again
    }
});
app.MapWeft();
await app.RunAsync();
