using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Weft.AspNetCore.ApiGateway;
using Weft.Messages;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Makes events of requests.</summary>
internal static class EventIntake
{
    /// <summary>The most events of a batch.</summary>
    public const int MaxBatch = 10_000;

    /// <summary>Reads the event that a request holds, or its batch.</summary>
    /// <param name="request">A request in one of the modes of the CloudEvents HTTP binding.</param>
    /// <param name="body">Its body.</param>
    /// <param name="events">The events.</param>
    /// <param name="isBatch">Whether they came as a batch.</param>
    /// <param name="error">Why they are none.</param>
    public static bool TryRead(
        HttpRequest request, ReadOnlySpan<byte> body, out Message[] events, out bool isBatch, [NotNullWhen(false)] out EventError? error)
    {
        events = [];
        isBatch = false;
        var contentType = request.ContentType;
        if (!CloudEventHttp.TryGetMode(contentType, request.Headers.ContainsKey("ce-specversion"), out var mode, out error))
            return false;
        switch (mode)
        {
            case EventMode.Batch:
                var batch = new List<Message>();
                isBatch = true;
                if (!CloudEventHttp.TryReadBatch(body, MaxBatch, batch, out error))
                    return false;
                events = [.. batch];
                return true;
            case EventMode.Structured:
                return One(CloudEventHttp.TryReadStructured(body, out var structured, out error), structured, ref events);
            case EventMode.Binary:
                var headers = new Headers(request.Headers);
                return One(CloudEventHttp.TryReadBinary(contentType, ref headers, body, out var binary, out error), binary, ref events);
            default:
                error = NoEvent(request);
                return false;
        }
    }

    /// <summary>Makes an event whose data is the body of a request.</summary>
    public static bool TryMake(
        GatewayExchange exchange, string id, string type, string? key, ReadOnlySpan<byte> body, DateTimeOffset now, out Message message, [NotNullWhen(false)] out EventError? error)
    {
        var builder = MessageBuilder.Rent();
        try
        {
            message = default;
            return TrySet(builder, "id"u8, id, out error)
                && TrySet(builder, "source"u8, exchange.Route.EventSource, out error)
                && TrySet(builder, "type"u8, type, out error)
                && TrySet(builder, "datacontenttype"u8, body.IsEmpty ? null : exchange.Context.Request.ContentType, out error)
                && TrySet(builder, "partitionkey"u8, key, out error)
                && TrySet(builder, "traceparent"u8, exchange.Activity.Id, out error)
                && TrySet(builder, "tracestate"u8, TraceContext.State(exchange.Activity), out error)
                && builder.Set("time", now).TryEnd(body.IsEmpty ? DataKind.None : DataKind.Bytes, body, out message, out error);
        }
        finally
        {
            builder.Return();
        }
    }

    private static bool TrySet(MessageBuilder builder, ReadOnlySpan<byte> name, string? value, [NotNullWhen(false)] out EventError? error)
    {
        error = null;
        return value is null || builder.TrySet(name, AttributeType.String, Encoding.UTF8.GetBytes(value), out error);
    }

    private static bool One(bool read, Message message, ref Message[] events)
    {
        if (read)
            events = [message];
        return read;
    }

    // Which of the three modes was meant can be told from what is there.
    private static EventError NoEvent(HttpRequest request)
    {
        foreach (var (name, _) in request.Headers)
        {
            if (name.StartsWith("ce-", StringComparison.OrdinalIgnoreCase))
                return new(EventError.Invalid, "specversion", "specversion is missing; send the header ce-specversion: 1.0.");
        }
        return new(EventError.Unsupported, null, "The request is no CloudEvent; send application/cloudevents+json, "
            + "application/cloudevents-batch+json, or ce- headers with at least ce-specversion, ce-id, ce-source and ce-type.");
    }

    private struct Headers(IHeaderDictionary headers) : IHeaderReader
    {
        private readonly IEnumerator<KeyValuePair<string, StringValues>> _headers = headers.GetEnumerator();
        private KeyValuePair<string, StringValues> _current;
        private int _next;

        public bool TryRead(out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
        {
            while (_next >= _current.Value.Count)
            {
                if (!_headers.MoveNext())
                {
                    name = value = default;
                    return false;
                }
                _current = _headers.Current;
                _next = 0;
            }
            name = _current.Key;
            value = _current.Value[_next++];
            return true;
        }
    }
}
