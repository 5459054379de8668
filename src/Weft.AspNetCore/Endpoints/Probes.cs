using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.Endpoints;

/// <summary>
/// What the probes address answers: <c>/health/live</c>, <c>/health/ready</c>, <c>/metrics</c>, and 404 to everything
/// else. It needs no token, so it says nothing that could be a secret and changes nothing.
/// </summary>
internal static class Probes
{
    /// <summary>Makes the handler.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="health">How the process is.</param>
    /// <param name="metrics">Adds what answers <c>/metrics</c>; null when the host exports metrics in its own way.</param>
    public static RequestDelegate Build(IServiceProvider services, Health health, Action<IApplicationBuilder>? metrics)
    {
        var app = new ApplicationBuilder(services);
        metrics?.Invoke(app);
        app.Run(context => (context.Request.Method, context.Request.Path.Value) switch
        {
            ("GET" or "HEAD", "/health/live") => LiveAsync(context),
            ("GET" or "HEAD", "/health/ready") => ReadyAsync(context, health),
            _ => AdminProblem.WriteAsync(context, 404, "The probes address answers GET /health/live, /health/ready and /metrics."),
        });
        return app.Build();
    }

    // Being able to answer is what it says.
    private static Task LiveAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("""{"status":"live"}""");
    }

    private static async Task ReadyAsync(HttpContext context, Health health)
    {
        var now = await health.CheckAsync().ConfigureAwait(false);
        context.Response.StatusCode = now.Status == "ready" ? 200 : 503;
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, now, AdminJson.Default.HealthView, context.RequestAborted).ConfigureAwait(false);
    }
}
