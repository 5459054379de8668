using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Options;

namespace Weft.AspNetCore.Endpoints;

/// <summary>The admin API over dead letters and over the messages of topics.</summary>
internal sealed class DeadEndpoints(DeadLetters dead, MessageLookup messages, AdminAudit audit)
{
    // An audit line names so many positions.
    private const int Named = 20;
    private const long MaxEdit = 64 << 20;

    public void Map(IEndpointRouteBuilder api)
    {
        AdminHttp.Get(api, "/api/dead", async c => await AdminHttp.WriteAsync(
            c, await dead.ListAsync(QueryOf(c), AdminHttp.Limit(c, DeadLetters.MaxLimit), c.RequestAborted).ConfigureAwait(false), AdminJson.Default.DeadPage).ConfigureAwait(false));
        AdminHttp.Get(api, "/api/dead/groups", async c => await AdminHttp.WriteAsync(
            c, await dead.GroupAsync(QueryOf(c), c.RequestAborted).ConfigureAwait(false), AdminJson.Default.DeadGroups).ConfigureAwait(false));
        AdminHttp.Get(api, "/api/dead/{subscription}/{position}", async c => await AdminHttp.WriteAsync(
            c, await dead.ShowAsync(AdminHttp.Value(c, "subscription"), PositionOf(c), c.RequestAborted).ConfigureAwait(false), AdminJson.Default.DeadView).ConfigureAwait(false));
        AdminHttp.Change(api, "PUT", "/api/dead/{subscription}/{position}", AdminRights.Operate, EditAsync, MaxEdit);
        AdminHttp.Change(api, "POST", "/api/dead/replay", AdminRights.Operate, c => ChangeAsync(c, replay: true));
        AdminHttp.Change(api, "POST", "/api/dead/discard", AdminRights.Operate, c => ChangeAsync(c, replay: false));

        AdminHttp.Get(api, "/api/messages", ListMessagesAsync);
        AdminHttp.Get(api, "/api/messages/{topic}/{position}", async c => await AdminHttp.WriteAsync(
            c, await messages.ShowAsync(AdminHttp.Value(c, "topic"), PositionOf(c), c.RequestAborted).ConfigureAwait(false), AdminJson.Default.MessageView).ConfigureAwait(false));
        AdminHttp.Get(api, "/api/messages/{topic}/{position}/trace", async c => await AdminHttp.WriteAsync(
            c, await messages.TraceAsync(AdminHttp.Value(c, "topic"), PositionOf(c), c.RequestAborted).ConfigureAwait(false), AdminJson.Default.TraceView).ConfigureAwait(false));
    }

    private static DeadQuery QueryOf(HttpContext context) => new()
    {
        Subscription = AdminHttp.Query(context, "subscription"),
        Topic = AdminHttp.Query(context, "topic"),
        Where = AdminHttp.Query(context, "where"),
        After = AdminHttp.Query(context, "after"),
    };

    private static long PositionOf(HttpContext context) => DeadLetters.ParsePosition(AdminHttp.Value(context, "position"));

    private async Task EditAsync(HttpContext context)
    {
        var (subscription, position) = (AdminHttp.Value(context, "subscription"), PositionOf(context));
        var edit = await AdminHttp.ReadAsync(context, AdminJson.Default.DeadEdit).ConfigureAwait(false);
        var who = AdminGuard.BearerOf(context);
        var edited = await dead.EditAsync(subscription, position, edit, who.Name, context.RequestAborted).ConfigureAwait(false);
        // Names of attributes, never values: they may be secret.
        string what = string.Join(", ", (edit.Attributes?.Keys ?? []).Prepend(edit.Data is null && edit.DataBase64 is null ? "" : "data").Where(n => n.Length > 0));
        audit.Changed(who, $"edit dead letter {edited.Position} of {subscription}, event {edited.Id}", $"changed {what}");
        await AdminHttp.WriteAsync(context, edited, AdminJson.Default.DeadView).ConfigureAwait(false);
    }

    private async Task ChangeAsync(HttpContext context, bool replay)
    {
        var request = await AdminHttp.ReadAsync(context, AdminJson.Default.DeadRequest).ConfigureAwait(false);
        var result = await dead.ChangeAsync(request, replay, context.RequestAborted).ConfigureAwait(false);
        if (!result.DryRun)
            audit.Changed(AdminGuard.BearerOf(context), $"{(replay ? $"replay to {request.To ?? "subscription"}" : "discard")} dead letters of {result.Subscription}", Summary(result));
        await AdminHttp.WriteAsync(context, result, AdminJson.Default.DeadResult).ConfigureAwait(false);
    }

    private static string Summary(DeadResult result) =>
        $"{result.Positions.Count} done, {result.Missing.Count} not found"
        + (result.Positions.Count == 0 ? "" : $": {string.Join(", ", result.Positions.Take(Named))}{(result.Positions.Count > Named ? " and others" : "")}");

    private async Task ListMessagesAsync(HttpContext context)
    {
        var query = new MessageQuery(AdminHttp.Query(context, "topic") ?? throw new AdminException(400, "'topic' is missing: GET /api/messages?topic=NAME."))
        {
            Where = AdminHttp.Query(context, "where"),
            From = AdminHttp.Query(context, "from"),
            To = AdminHttp.Query(context, "to"),
            After = AdminHttp.Query(context, "after"),
            Newest = AdminHttp.Query(context, "newest") switch
            {
                null or "false" => false,
                "true" => true,
                var other => throw new AdminException(400, $"'newest' is '{other}'; allowed are true and false."),
            },
        };
        await AdminHttp.WriteAsync(
            context, await messages.ListAsync(query, AdminHttp.Limit(context, MessageLookup.MaxLimit), context.RequestAborted).ConfigureAwait(false), AdminJson.Default.MessagePage).ConfigureAwait(false);
    }
}
