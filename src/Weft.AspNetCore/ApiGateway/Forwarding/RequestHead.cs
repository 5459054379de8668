using System.Net;
using Microsoft.Extensions.Primitives;
using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>Makes the head of the upstream request.</summary>
internal static class RequestHead
{
    /// <summary>The request for an instance: the same method, path bytes, query and fields, but those that end here.</summary>
    public static HttpRequestMessage Make(GatewayExchange exchange, Attempt attempt, HttpContent? body)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(exchange.Context.Request.Method), attempt.Instance.Address(exchange.Target))
        {
            Version = attempt.Instance.HttpVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = body,
        };
        Copy(exchange, request);
        Write(exchange, request);
        CallHeaders.Write(request, attempt);
        return request;
    }

    /// <summary>Copies the fields that go on.</summary>
    public static void Copy(GatewayExchange exchange, HttpRequestMessage request)
    {
        var headers = exchange.Context.Request.Headers;
        var connection = headers.Connection;
        var key = exchange.Route.Auth?.Header;
        foreach (var (name, values) in headers)
        {
            if (HopFields.EndsRequest(name) || string.Equals(name, key, StringComparison.OrdinalIgnoreCase))
                continue;
            if (connection.Count > 0 && HopFields.Nominates(connection, name))
                continue;
            Add(request, name, values);
        }
        if (headers.TE.Count > 0 && HopFields.Nominates(headers.TE, "trailers"))
            request.Headers.TryAddWithoutValidation("TE", "trailers");
    }

    /// <summary>Writes the gateway's own fields. What a caller claims to be forwarded for is believed of trusted proxies only.</summary>
    public static void Write(GatewayExchange exchange, HttpRequestMessage request)
    {
        var context = exchange.Context;
        var before = exchange.Route.Proxies.Sent(context) ? context.Request.Headers : null;
        if (context.Connection.RemoteIpAddress is { } address)
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", before?["X-Forwarded-For"] is { Count: > 0 } chain ? $"{chain}, {address}" : address.ToString());
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", before?["X-Forwarded-Host"] is [{ } host] ? host : context.Request.Host.Value);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", before?["X-Forwarded-Proto"] is [{ } scheme] ? scheme : context.Request.Scheme);
        request.Headers.TryAddWithoutValidation("traceparent", exchange.Activity.Id);
        if (TraceContext.State(exchange.Activity) is { } state)
            request.Headers.TryAddWithoutValidation("tracestate", state);
        request.Headers.TryAddWithoutValidation(TraceContext.CorrelationHeader, exchange.CorrelationId);
    }

    private static void Add(HttpRequestMessage request, string name, in StringValues values)
    {
        if (values.Count > 1)
        {
            // HTTP/2 clients may split cookies; HTTP/1.1 knows only one field (RFC 9113, 8.2.3).
            if (name.Equals("Cookie", StringComparison.OrdinalIgnoreCase))
                request.Headers.TryAddWithoutValidation(name, string.Join("; ", values.ToArray()));
            else if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values.ToArray()))
                Content(request).Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values.ToArray());
            return;
        }
        var value = values.ToString();
        if (!request.Headers.TryAddWithoutValidation(name, value))
            Content(request).Headers.TryAddWithoutValidation(name, value);
    }

    // Fields such as Content-Type belong to content in this API, with or without a body.
    private static HttpContent Content(HttpRequestMessage request) => request.Content ??= new NoBody();

    private sealed class NoBody : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return true;
        }
    }
}
