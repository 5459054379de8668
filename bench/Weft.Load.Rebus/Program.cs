using Rebus.Activation;
using Rebus.Backoff;
using Rebus.Config;
using Rebus.Serialization.Json;
using Weft.Load.Cells;

// Rebus on PostgreSQL. What its documentation offers for speed is set: several workers, a parallelism of all publishers, hardly any back-off,
// and a pool of connections that is large enough.
var cell = new CellArgs(args);
using var telemetry = Telemetry.Listen();
var checker = new Checker(ClosedLoop.Capacity(cell));
using var activator = new BuiltinHandlerActivator();
activator.Handle<Order>(order =>
{
    checker.Arrived(order);
    return Task.CompletedTask;
});
TimeSpan Wait(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
var bus = Configure.With(activator)
    .Logging(l => l.None())
    .Transport(t => t.UsePostgreSql(cell.Text("connection"), "messages", "orders"))
    .Serialization(s => s.UseSystemTextJson())
    .Options(o =>
    {
        o.SetNumberOfWorkers((int)cell.Number("workers", 4));
        o.SetMaxParallelism((int)cell.Number("parallelism", 64));
        o.SetBackoffTimes(Wait(1), Wait(5), Wait(20));
    })
    .Start();

var result = await new ClosedLoop(cell, async (_, order) => await bus.SendLocal(order).ConfigureAwait(false), [checker]).RunAsync(telemetry);
Console.WriteLine(result);
