using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>Makes the head of the upstream request. Which fields it has is decided here alone, whatever carries it.</summary>
internal static class RequestHead
{
    /// <summary>The request for an instance: the same method, path bytes, query and fields, but those that end here.</summary>
    public static HttpRequestMessage Make(GatewayExchange exchange, Attempt attempt, HttpContent? body)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(exchange.Method), attempt.Instance.Address(exchange.Target))
        {
            Version = attempt.Instance.HttpVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = body,
        };
        var fields = new MessageFields(request);
        Copy(exchange, ref fields);
        Write(exchange, ref fields);
        CallHeaders.Write(request, attempt);
        return request;
    }

    /// <summary>Copies the fields that go on.</summary>
    public static void Copy<TFields>(GatewayExchange exchange, ref TFields fields) where TFields : struct, IRequestFields
    {
        var headers = exchange.Context.Request.Headers;
        var connection = headers.Connection;
        var auth = exchange.Route.Auth;
        var change = exchange.Route.Request;
        foreach (var (name, values) in headers)
        {
            if (HopFields.EndsRequest(name) || (auth is not null && auth.IsPrivate(name)) || (change is not null && change.Replaces(name)))
                continue;
            if (connection.Count > 0 && HopFields.Nominates(connection, name))
                continue;
            if (values.Count == 1)
                fields.Add(name, values.ToString());
            // HTTP/2 clients may split cookies; HTTP/1.1 knows only one field (RFC 9113, 8.2.3).
            else
                fields.Add(name, values, name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? "; " : ", ");
        }
        if (change is not null)
        {
            foreach (var (name, value) in exchange.Headers)
                fields.Add(name, value);
        }
        if (headers.TE.Count > 0 && HopFields.Nominates(headers.TE, "trailers"))
            fields.Add("TE", "trailers");
    }

    /// <summary>Writes the gateway's own fields. What a caller claims to be forwarded for is believed of trusted proxies only.</summary>
    public static void Write<TFields>(GatewayExchange exchange, ref TFields fields) where TFields : struct, IRequestFields
    {
        var context = exchange.Context;
        var before = exchange.Route.Proxies.Sent(context) ? context.Request.Headers : null;
        if (context.Connection.RemoteIpAddress is { } address)
            fields.Add("X-Forwarded-For", before?["X-Forwarded-For"] is { Count: > 0 } chain ? $"{chain}, {address}" : address.ToString());
        fields.Add("X-Forwarded-Host", before?["X-Forwarded-Host"] is [{ } host] ? host : context.Request.Host.Value ?? "");
        fields.Add("X-Forwarded-Proto", before?["X-Forwarded-Proto"] is [{ } scheme] ? scheme : context.Request.Scheme);
        fields.AddTrace("traceparent", exchange.Activity);
        if (TraceContext.State(exchange.Activity) is { } state)
            fields.Add("tracestate", state);
        fields.Add(TraceContext.CorrelationHeader, exchange.CorrelationId);
    }
}
