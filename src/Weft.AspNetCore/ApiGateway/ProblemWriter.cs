using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Answers with a problem as <c>application/problem+json</c> (RFC 9457). Reuses its buffers: failures come in storms.</summary>
internal static class ProblemWriter
{
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)? t_spare;

    /// <summary>Answers, with nothing else in the response but headers that were set before.</summary>
    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Kind.Status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        var (buffer, json) = t_spare ?? New();
        t_spare = null;
        buffer.ResetWrittenCount();
        json.Reset(buffer);
        Format(json, problem);
        json.Flush();
        response.ContentLength = buffer.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
            buffer.WrittenSpan.CopyTo(response.BodyWriter.GetSpan(buffer.WrittenCount));
        var written = HttpMethods.IsHead(context.Request.Method) ? 0 : buffer.WrittenCount;
        t_spare = (buffer, json);
        response.BodyWriter.Advance(written);
        return response.CompleteAsync();
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json) New()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        return (buffer, new Utf8JsonWriter(buffer));
    }

    /// <summary>Writes a problem as a JSON object.</summary>
    public static void Format(Utf8JsonWriter json, Problem problem)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "urn:weft:problem:" + problem.Kind.Name);
        json.WriteString("title"u8, problem.Kind.Title);
        json.WriteNumber("status"u8, problem.Kind.Status);
        if (problem.Detail is not null)
            json.WriteString("detail"u8, problem.Detail);
        if (problem.Code is not null)
            json.WriteString("code"u8, problem.Code);
        if (problem.Attribute is not null)
            json.WriteString("attribute"u8, problem.Attribute);
        if (problem.Index is { } index)
            json.WriteNumber("index"u8, index);
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            json.WriteString("traceId"u8, activity.TraceId.ToHexString());
        json.WriteEndObject();
    }
}
