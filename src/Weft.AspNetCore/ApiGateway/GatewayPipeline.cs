using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>The order in which the gateway treats a request, once routing has found its route. The first problem ends it.</summary>
internal sealed class GatewayPipeline(ForwardStep forward, PublishStep publish, AccessLog log, TimeProvider time)
{
    /// <summary>The steps of a route, in their order.</summary>
    public IReadOnlyList<GatewayStep> Steps(GatewayRoute route)
    {
        List<GatewayStep> steps = [];
        if (route.Cors is { } cors)
            steps.Add(new("cors", cors.Sentence, cors.RunAsync));
        steps.Add(new("path", "Refuses paths with dot segments, escaped or not: the service gets the path that was matched.", CheckPath));
        if (route.Version is { } version)
            steps.Add(new("version", version.Sentence, version.RunAsync));
        if (route.LimitBeforeAuth is { } early)
            steps.Add(new("limit", early.Sentence, early.RunAsync));
        steps.Add(new("body", $"Refuses bodies over {route.MaxBody} bytes.", LimitBody));
        if (route.Auth is not null)
            steps.Add(new("auth", route.Auth.Sentence, route.Auth.RunAsync));
        if (route.LimitAfterAuth is { } late)
            steps.Add(new("limit", late.Sentence, late.RunAsync));
        if (route.Request is { } change)
            steps.Add(new("request", change.Sentence, change.RunAsync));
        steps.Add(route.Forward is not null
            ? new("forward", $"Sends the request to {route.Forward} under its policy{(route.Timeout is { } limit ? $"; headers of the answer within {limit.TotalSeconds} s" : "")}: see weft explain policy.{(route.Response is { } answer ? " " + answer.Sentence : "")}", forward.RunAsync)
            : new("publish", $"Stores an event in {route.Publish!.Topic} and answers 202 once that is durable.", publish.RunAsync));
        return steps;
    }

    /// <summary>Treats a request.</summary>
    public async Task RunAsync(HttpContext context, GatewayRoute route)
    {
        var activity = TraceContext.Begin(context, out var owned);
        var exchange = new GatewayExchange(context, route, time.GetTimestamp()) { Activity = activity, CorrelationId = TraceContext.Correlation(context, activity) };
        context.Response.Headers[TraceContext.CorrelationHeader] = exchange.CorrelationId;
        ClientAddress.Find(context, route.Proxies);
        try
        {
            // By its place: an enumerator of an interface is an object for each request.
            for (var i = 0; i < route.Steps.Count; i++)
            {
                if (await route.Steps[i].RunAsync(exchange).ConfigureAwait(false) is not { } problem)
                {
                    if (exchange.IsAnswered)
                        break;
                    continue;
                }
                await ProblemWriter.WriteAsync(context, problem).ConfigureAwait(false);
                break;
            }
        }
        finally
        {
            exchange.End();
            log.Write(exchange, time.GetElapsedTime(exchange.StartedAt));
            if (owned)
                activity.Stop();
        }
    }

    private static ValueTask<Problem?> CheckPath(GatewayExchange exchange)
    {
        if (RequestTarget.Get(exchange.Context) is not { } target)
            return new(new Problem(ProblemKind.BadPath, "The path holds a segment . or .. ; send it resolved."));
        exchange.Target = target;
        return default;
    }

    private static ValueTask<Problem?> LimitBody(GatewayExchange exchange)
    {
        var max = exchange.Route.MaxBody;
        if (exchange.Context.Request.ContentLength > max)
            return new(new Problem(ProblemKind.TooLarge, $"The body may have {max} bytes."));
        // Holds for bodies of unknown length, while they are read.
        if (exchange.Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = max;
        return default;
    }
}
