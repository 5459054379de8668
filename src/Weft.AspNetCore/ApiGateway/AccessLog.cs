using Microsoft.Extensions.Logging;
using Weft.Diagnostics;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Counts requests, and writes a line for each when asked to. The path stands there without its query, which may hold secrets.</summary>
internal sealed partial class AccessLog(ILogger logger)
{
    private static readonly string[] s_classes = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"];

    /// <summary>Whether lines are written.</summary>
    public bool Enabled { get; set; }

    /// <summary>A request is over.</summary>
    public void Write(GatewayExchange exchange, TimeSpan duration)
    {
        var status = exchange.Status;
        var route = new KeyValuePair<string, object?>("route", exchange.Route.Name);
        WeftMeter.Requests.Add(1, route, new("status", s_classes[Math.Clamp(status / 100, 0, 5)]));
        WeftMeter.RequestDuration.Record(duration.TotalSeconds, route);
        if (!Enabled)
            return;
        LogRequest(
            logger,
            exchange.Context.Request.Method,
            exchange.Context.Request.Path,
            exchange.Aborted && status != 499 ? $"{status} aborted" : status,
            duration.TotalMilliseconds,
            exchange.Route.Name,
            exchange.Route.Forward ?? exchange.Route.Publish?.Topic,
            exchange.Instance?.Id,
            exchange.BytesOut,
            exchange.Activity.TraceId,
            exchange.Identity?.Subject);
    }

    [LoggerMessage(5001, LogLevel.Information,
        "{Method} {Path} {Status} in {Milliseconds:0.0} ms, route {Route}, to {Target} {Instance}, {Bytes} bytes, trace {TraceId}, caller {Caller}")]
    private static partial void LogRequest(
        ILogger logger, string method, string path, object status, double milliseconds, string route, string? target, string? instance, long bytes, object traceId, string? caller);
}
