using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.ApiGateway.Forwarding;

namespace Weft.AspNetCore.ApiGateway.Batch;

/// <summary>Writes what became of an operation.</summary>
internal static class BatchResult
{
    private static readonly HashSet<string> s_ofAnswer = new(["Content-Length", "Transfer-Encoding", "Date", "Server", "Trailer"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Writes an answer: its status, headers and data, or its problem when that is what it holds.</summary>
    public static void Write(Utf8JsonWriter json, BatchOperation operation, BatchContext answer)
    {
        var response = answer.Context.Response;
        // Part of an answer must never look like all of it.
        var problem = answer.IsTooLarge ? new Problem(ProblemKind.BadUpstream, "The answer is too large for a batch; ask for it by itself.")
            : answer.IsAborted ? ProblemKind.BadUpstream.Plain : null;
        JsonDocument? data = null;
        if (problem is null && !TryRead(response, answer.Answer, out data))
            problem = new(ProblemKind.BadUpstream, "The answer says that it is JSON and is not.");
        if (problem is not null)
        {
            WriteProblem(json, operation, problem);
            return;
        }
        using (data)
        {
            Begin(json, operation, response.StatusCode);
            json.WriteStartObject("headers"u8);
            foreach (var (name, values) in response.Headers)
            {
                if (!s_ofAnswer.Contains(name) && !HopFields.EndsResponse(name))
                    json.WriteString(name, values.ToString());
            }
            json.WriteEndObject();
            json.WritePropertyName(response.ContentType?.StartsWith("application/problem+json", StringComparison.OrdinalIgnoreCase) == true ? "problem"u8 : "data"u8);
            WriteData(json, data, answer.Answer.Span);
            json.WriteEndObject();
        }
    }

    /// <summary>Writes an operation that has no answer.</summary>
    public static void WriteProblem(Utf8JsonWriter json, BatchOperation operation, Problem problem)
    {
        Begin(json, operation, problem.Kind.Status);
        json.WriteStartObject("headers"u8);
        json.WriteEndObject();
        json.WritePropertyName("problem"u8);
        ProblemWriter.Format(json, problem);
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, BatchOperation operation, int status)
    {
        json.WriteStartObject();
        json.WritePropertyName("id"u8);
        operation.Id.WriteTo(json);
        json.WriteNumber("status"u8, status);
    }

    private static bool TryRead(HttpResponse response, ReadOnlyMemory<byte> body, out JsonDocument? data)
    {
        data = null;
        if (body.IsEmpty || !IsJson(response.ContentType))
            return true;
        try
        {
            data = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // JSON as it came, with the digits of its numbers; text as a text; anything else in base64.
    private static void WriteData(Utf8JsonWriter json, JsonDocument? data, ReadOnlySpan<byte> body)
    {
        if (data is not null)
            data.RootElement.WriteTo(json);
        else if (body.IsEmpty)
            json.WriteNullValue();
        else if (System.Text.Unicode.Utf8.IsValid(body))
            json.WriteStringValue(body);
        else
            json.WriteBase64StringValue(body);
    }

    private static bool IsJson(string? type)
    {
        var media = type.AsSpan();
        media = (media.IndexOf(';') is >= 0 and var end ? media[..end] : media).Trim();
        return media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }
}
