using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Weft.Diagnostics;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Trace and correlation of a request (W3C Trace Context). There is always an activity, so what goes upstream is always valid.</summary>
internal static class TraceContext
{
    /// <summary>The header of the correlation id, both ways.</summary>
    public const string CorrelationHeader = "X-Correlation-Id";

    private const int MaxCorrelation = 128;
    private const int MaxState = 512;

    private static readonly SearchValues<char> s_correlation =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/+=@");

    /// <summary>The activity of the host when it has one in W3C form; otherwise a new one, which the caller must stop.</summary>
    public static Activity Begin(HttpContext context, out bool owned)
    {
        owned = Activity.Current is not { IdFormat: ActivityIdFormat.W3C };
        return owned ? Start(context.Request.Headers) : Activity.Current!;
    }

    /// <summary>The state that goes upstream with <see cref="Activity.Id"/>; null when there is none or it is too long to be passed on.</summary>
    public static string? State(Activity activity) => activity.TraceStateString is { Length: > 0 and <= MaxState } state ? state : null;

    /// <summary>The correlation id of the caller when it is usable, otherwise the trace id.</summary>
    public static string Correlation(HttpContext context, Activity activity) =>
        context.Request.Headers.TryGetValue(CorrelationHeader, out var given)
            && given is [{ Length: > 0 and <= MaxCorrelation } id] && !id.AsSpan().ContainsAnyExcept(s_correlation)
                ? id
                : activity.TraceId.ToHexString();

    private static Activity Start(IHeaderDictionary headers)
    {
        ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent);
        if (WeftMeter.Activities.StartActivity("weft.gateway", ActivityKind.Server, parent) is { } sampled)
            return sampled;
        var activity = new Activity("weft.gateway").SetIdFormat(ActivityIdFormat.W3C);
        if (parent.TraceId != default)
        {
            activity.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
            activity.TraceStateString = parent.TraceState;
        }
        return activity.Start();
    }
}
