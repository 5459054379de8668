using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Weft.Calls;
using Weft.Http1;
using Weft.Timeouts;

namespace Weft.AspNetCore.ApiGateway.Forwarding.Http1;

/// <summary>Writes the head of a request to a service as bytes, field by field, without making objects of it.</summary>
internal static class Http1Request
{
    /// <summary>Whether a request is one of those that this path serves; the others go over the transport of the service.</summary>
    public static bool Fits(HttpRequest request) =>
        !HttpMethods.IsConnect(request.Method) && !(request.Headers.ContentType is [{ } type, ..] && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase));

    /// <summary>Writes a head.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="connections">Where it goes.</param>
    /// <param name="body">Its body; null for none.</param>
    /// <param name="output">Where it is written to.</param>
    /// <exception cref="BadHttpRequestException">Something in the request cannot be said in HTTP/1.1.</exception>
    public static void Write(GatewayExchange exchange, in Attempt attempt, Http1Pool connections, RequestBody? body, Http1Output output)
    {
        if (!Http1Syntax.IsToken(exchange.Method) || !Http1Syntax.IsTarget(exchange.Target))
            throw new BadHttpRequestException("The method or the target holds a character that is not allowed.");
        output.Add(exchange.Method);
        output.Add(" "u8);
        output.Add(connections.BasePath);
        output.Add(exchange.Target);
        output.Add(" HTTP/1.1\r\nHost: "u8);
        output.Add(connections.Authority);
        output.Add("\r\n"u8);
        var fields = new Fields(output);
        RequestHead.Copy(exchange, ref fields);
        RequestHead.Write(exchange, ref fields);
        if (attempt.Service.Guard.Policy.Deadline.Propagate)
            fields.Add(DeadlineHeaders.Weft, DeadlineHeaders.WholeMilliseconds(attempt.Timeout));
        if (attempt.Repeat > 0)
            fields.Add(CallHeaders.Attempt, attempt.Repeat);
        if (body is { Length: null })
            output.Add("Transfer-Encoding: chunked\r\n"u8);
        else if (body?.Length is { } length)
            fields.Add("Content-Length", length);
        else if (!HasNoContent(exchange.Method))
            output.Add("Content-Length: 0\r\n"u8);
        output.Add("\r\n"u8);
    }

    // Of every other method a server may expect some, and wait for it.
    private static bool HasNoContent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsDelete(method) || HttpMethods.IsTrace(method);

    private readonly struct Fields(Http1Output output) : IRequestFields
    {
        public void Add(string name, string value)
        {
            Begin(name);
            if (!Http1Syntax.IsValue(output.Add(value)))
                throw new BadHttpRequestException("A field holds a character that is not allowed.");
            output.Add("\r\n"u8);
        }

        // Several lines of one field mean the same as one with commas (RFC 9110, 5.3).
        public void Add(string name, in StringValues values, string separator) => Add(name, string.Join(separator, values.ToArray()));

        public void Add(string name, long value)
        {
            Begin(name);
            output.Add(value);
            output.Add("\r\n"u8);
        }

        public void AddTrace(string name, Activity activity)
        {
            Begin(name);
            output.Add("00-"u8);
            output.Add(activity.TraceId.ToHexString());
            output.Add("-"u8);
            output.Add(activity.SpanId.ToHexString());
            output.Add((activity.ActivityTraceFlags & ActivityTraceFlags.Recorded) != 0 ? "-01\r\n"u8 : "-00\r\n"u8);
        }

        private void Begin(string name)
        {
            if (!Http1Syntax.IsToken(name))
                throw new BadHttpRequestException("The name of a field holds a character that is not allowed.");
            output.Add(name);
            output.Add(": "u8);
        }
    }
}
