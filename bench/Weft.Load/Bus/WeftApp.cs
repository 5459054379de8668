using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft.EventBus;
using Weft.Load.Cells;
using Weft.Messages;
using Weft.Options;

namespace Weft.Load.Bus;

/// <summary>An app with one topic and its subscriptions, as its users write it.</summary>
internal sealed class WeftApp : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly IPublisher _publisher;

    private WeftApp(CellArgs args, IReadOnlyList<(string Name, Checker Checker)> subscriptions, string start)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.AddWeft(weft =>
        {
            if (args.Number("postgres", 0) > 0)
                weft.UsePostgres(args.Text("store"));
            else
                weft.UseSqlite(args.Text("store"), Durability.Sync);
            weft.Topic("orders");
            foreach (var (name, checker) in subscriptions)
            {
                weft.Subscription(name, new() { From = "orders", Handler = name, Start = start }).Handler(name, (message, _, _) =>
                {
                    checker.Arrived(Order.Read(message.Data.Span));
                    return default;
                });
            }
        });
        _host = builder.Build();
        _publisher = _host.Services.GetRequiredService<IPublisher>();
    }

    public BusAdmin Admin => _host.Services.GetRequiredService<BusAdmin>();

    public static async Task<WeftApp> StartAsync(CellArgs args, IReadOnlyList<(string Name, Checker Checker)> subscriptions, string start = "new")
    {
        var app = new WeftApp(args, subscriptions, start);
        await app._host.StartAsync();
        return app;
    }

    public async ValueTask PublishAsync(Order order) => await _publisher.PublishAsync("orders", MessageOf(order)).ConfigureAwait(false);

    /// <summary>Publishes many, some hundred at a time.</summary>
    public async Task FillAsync(long count)
    {
        for (long number = 0; number < count;)
        {
            var batch = new Message[Math.Min(500, count - number)];
            for (int i = 0; i < batch.Length; i++)
                batch[i] = MessageOf(Order.Create(number++));
            await _publisher.PublishAsync("orders", batch);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static Message MessageOf(Order order) => Message.Create("order.placed", "/shop", order, json: OrderJson.Default.Order);
}
