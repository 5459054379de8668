using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.Dashboard;
using Weft.Diagnostics;
using Weft.EventBus;
using Weft.Flows;
using Weft.Options;
using static Weft.AspNetCore.Endpoints.AdminHttp;

namespace Weft.AspNetCore.Endpoints;

/// <summary>The admin API: everything that looks at a running process or acts on it. All of it is under <c>/api</c>; what is not may be a file of the dashboard.</summary>
/// <param name="runtime">What runs.</param>
/// <param name="topics">The topics that run.</param>
/// <param name="bus">What an operator can do with the event bus.</param>
/// <param name="services">The services that are called.</param>
/// <param name="health">How the process is.</param>
/// <param name="audit">Where changes are written down.</param>
/// <param name="effective">Writes options with secrets hidden.</param>
internal sealed partial class AdminApi(
    WeftRuntime runtime, EventBus.EventBus topics, BusAdmin bus, ServiceAdmin services, Health health, AdminAudit audit, Func<WeftOptions, JsonElement> effective)
{
    /// <summary>Makes the handler of the admin address. It shares no route table with the public addresses.</summary>
    public RequestDelegate Build(IServiceProvider services, AdminGuard guard, ILogger logger)
    {
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var dead = new DeadEndpoints(new(bus, () => runtime.Options, time), new(bus, () => runtime.Options, time), audit);
        var live = new LiveFeed(SubscriptionsAsync, time, services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default);
        var app = new ApplicationBuilder(services);
        app.Use(next => context => AnswerAsync(context, next, guard, logger));
        app.UseRouting();
        app.Use(next => async context =>
        {
            if (await guard.AuthorizeAsync(context).ConfigureAwait(false))
                await next(context).ConfigureAwait(false);
        });
        app.UseEndpoints(api =>
        {
            Map(api);
            dead.Map(api);
            Get(api, "/api/auth", c => WriteAsync(c, AuthStates.List(services.GetService<Authenticators>()), AdminJson.Default.IReadOnlyListAuthView));
            Get(api, "/api/live", live.SendAsync);
        });
        return app.Build();
    }

    private void Map(IEndpointRouteBuilder api)
    {
        Get(api, "/api/health", async c => await WriteAsync(c, await health.CheckAsync().ConfigureAwait(false), AdminJson.Default.HealthView).ConfigureAwait(false));
        Get(api, "/api/config", c => WriteAsync(c, Config(), AdminJson.Default.ConfigView));
        Get(api, "/api/topics", c => WriteAsync(c, Topics(), AdminJson.Default.IReadOnlyListTopicView));
        Get(api, "/api/subscriptions", async c => await WriteAsync(c, await SubscriptionsAsync(c.RequestAborted).ConfigureAwait(false), AdminJson.Default.IReadOnlyListSubscriptionView).ConfigureAwait(false));
        Get(api, "/api/services", c => WriteAsync(c, services.List(), AdminJson.Default.IReadOnlyListServiceView));

        Change(api, "POST", "/api/subscriptions/{name}/pause", AdminRights.Operate, c => OnSubscription(c, "pause", bus.PauseAsync, "paused"));
        Change(api, "POST", "/api/subscriptions/{name}/resume", AdminRights.Operate, c => OnSubscription(c, "resume", bus.ResumeAsync, "resumed"));
        Change(api, "POST", "/api/subscriptions/{name}/seek", AdminRights.Operate, SeekAsync);
        Change(api, "POST", "/api/services/{name}/breaker", AdminRights.Operate, ForceBreakerAsync);
        Change(api, "DELETE", "/api/subscriptions/{name}", AdminRights.Admin, RemoveAsync);
    }

    private ConfigView Config() => new(runtime.Revision, runtime.AppliedAt, runtime.PendingError, effective(runtime.Options));

    private IReadOnlyList<TopicView> Topics() => [.. topics.Topics.Values.OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => new TopicView(
        t.Name, Text(t.Log.Head), t.Options.Key, t.Store.Capabilities.Durability.ToString().ToLowerInvariant(), t.Options.Keep.For.ToString("c", CultureInfo.InvariantCulture)))];

    private async Task<IReadOnlyList<SubscriptionView>> SubscriptionsAsync(CancellationToken cancellation) =>
        [.. (await bus.ListAsync(cancellation).ConfigureAwait(false)).Select(View)];

    /// <summary>A subscription as the API shows it.</summary>
    internal static SubscriptionView View(SubscriptionStatus status) => new(
        status.Info.Name, status.Info.Topic, status.State.ToString().ToLowerInvariant(), status.Reason,
        Text(status.Info.Low), Text(status.Info.Head), status.Info.Head - status.Info.Low,
        status.Info.Retrying, status.Info.Behind, status.Info.Dead, status.Info.UpdatedAt)
    {
        RuleErrors = status.RuleErrors is { Count: var count, Last: { } last } ? new(count, last.At, Text(last.Position), last.EventId, last.Error) : null,
    };

    private async Task ForceBreakerAsync(HttpContext context)
    {
        string name = Value(context, "name");
        var request = await ReadAsync(context, AdminJson.Default.BreakerRequest).ConfigureAwait(false);
        services.Force(name, request);
        audit.Changed(AdminGuard.BearerOf(context), $"breaker of {name}{(request.Instance is null ? "" : " " + request.Instance)}", request.Mode!);
        await WriteAsync(context, new(name, request.Instance, request.Mode!), AdminJson.Default.BreakerResult).ConfigureAwait(false);
    }

    private async Task OnSubscription(HttpContext context, string verb, Func<string, CancellationToken, Task<bool>> act, string result)
    {
        string name = Value(context, "name");
        if (!await act(name, context.RequestAborted).ConfigureAwait(false))
            throw new AdminException(404, $"There is no subscription '{name}'.{Nearest.Hint(name, topics.Subscriptions.Keys)} Running here: {string.Join(", ", topics.Subscriptions.Keys)}.");
        await ChangedAsync(context, name, $"{verb} subscription {name}", result).ConfigureAwait(false);
    }

    private async Task SeekAsync(HttpContext context)
    {
        string name = Value(context, "name");
        var request = await ReadAsync(context, AdminJson.Default.SeekRequest).ConfigureAwait(false);
        var start = ParseStart(request.To);
        if (!await bus.SeekAsync(name, start, context.RequestAborted).ConfigureAwait(false))
            throw new AdminException(404, $"There is no subscription '{name}'.");
        await ChangedAsync(context, name, $"seek subscription {name} to {request.To}", "moved").ConfigureAwait(false);
    }

    private async Task RemoveAsync(HttpContext context)
    {
        string name = Value(context, "name");
        try
        {
            if (!await bus.RemoveAsync(name, context.RequestAborted).ConfigureAwait(false))
                throw new AdminException(404, $"There is no subscription '{name}'.");
        }
        catch (InvalidOperationException e)
        {
            throw new AdminException(409, e.Message);
        }
        await ChangedAsync(context, name, $"remove subscription {name}", "removed").ConfigureAwait(false);
    }

    private Task ChangedAsync(HttpContext context, string name, string what, string result)
    {
        audit.Changed(AdminGuard.BearerOf(context), what, result);
        return WriteAsync(context, new(name, result), AdminJson.Default.ChangeResult);
    }

    /// <summary>Reads <c>new</c>, <c>beginning</c> or an RFC 3339 time.</summary>
    /// <exception cref="AdminException">It is none of them.</exception>
    internal static SubscriptionStart ParseStart(string? to) => to switch
    {
        "new" => SubscriptionStart.New,
        "beginning" => SubscriptionStart.Beginning,
        not null when DateTimeOffset.TryParse(to, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => new(time),
        _ => throw new AdminException(400, $"'to' is '{to}'; allowed are 'new', 'beginning' and a time such as 2026-05-01T00:00:00Z."),
    };

    private async Task AnswerAsync(HttpContext context, RequestDelegate next, AdminGuard guard, ILogger logger)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!await guard.AdmitHostAsync(context).ConfigureAwait(false)
            || await DashboardPage.TryAnswerAsync(context, DashboardFiles.Built).ConfigureAwait(false)
            || !await guard.AdmitAsync(context).ConfigureAwait(false))
            return;
        try
        {
            await next(context).ConfigureAwait(false);
            if (!context.Response.HasStarted && context.Response.StatusCode is 404 or 405)
                await AdminProblem.WriteAsync(context, context.Response.StatusCode, $"There is no {context.Request.Method} {context.Request.Path} in the admin API.").ConfigureAwait(false);
        }
        catch (AdminException e)
        {
            Failed(context, e);
            await AdminProblem.WriteAsync(context, e.Status, e.Message).ConfigureAwait(false);
        }
        catch (LogException e)
        {
            Failed(context, e);
            await AdminProblem.WriteAsync(context, 503, $"{e.Code}: {e.Message}").ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Failed(context, e);
            LogFailed(logger, e, context.Request.Method, context.Request.Path);
            await AdminProblem.WriteAsync(context, 500, "The request failed; the log says why.").ConfigureAwait(false);
        }
    }

    // A change that failed is written down too; who was turned away is written down by the guard.
    private void Failed(HttpContext context, Exception e)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
            audit.Changed(AdminGuard.BearerOf(context), $"{context.Request.Method} {context.Request.Path}", $"failed: {e.Message}");
    }

    private static string Text(long position) => position.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(6012, LogLevel.Error, "Admin request {Method} {Path} failed.")]
    private static partial void LogFailed(ILogger logger, Exception e, string method, string path);
}
