using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Weft.Dashboard.Tests.Rig;

/// <summary>A service that takes pushed events. It refuses those without a customer and those that cost more than it believes.</summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _accepted;

    private Subscriber(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    /// <summary>How many events it took.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public static async Task<Subscriber> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var subscriber = new Subscriber(app);
        app.MapPost("/{path}", subscriber.TakeAsync);
        await app.StartAsync();
        return subscriber;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var data = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        if (!data.RootElement.TryGetProperty("customer", out _))
        {
            await RefuseAsync(context, 422, $"Order {data.RootElement.GetProperty("order").GetString()} has no customer.");
        }
        else if (data.RootElement.GetProperty("total").GetDecimal() > 1000)
        {
            await RefuseAsync(context, 400, $"A total of {data.RootElement.GetProperty("total").GetDecimal()} is above the limit of this account.");
        }
        else
        {
            Interlocked.Increment(ref _accepted);
            context.Response.StatusCode = 204;
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text);
    }
}
