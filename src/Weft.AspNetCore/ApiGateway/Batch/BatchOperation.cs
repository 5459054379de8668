using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.ApiGateway.Forwarding;

namespace Weft.AspNetCore.ApiGateway.Batch;

/// <summary>One request of a batch.</summary>
internal sealed record BatchOperation
{
    private static readonly SearchValues<char> s_token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>What the client calls it, as it wrote it: a text or a number.</summary>
    public required JsonElement Id { get; init; }

    /// <summary>The method.</summary>
    public string Method { get; init; } = HttpMethods.Get;

    /// <summary>Path and query.</summary>
    public string Path { get; init; } = "";

    /// <summary>Its own headers, beside those of the batch and before them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The body as JSON; undefined for none.</summary>
    public JsonElement Body { get; init; }

    /// <summary>What is wrong with it alone; null when nothing is.</summary>
    public string? Fault { get; init; }

    /// <summary>Reads all operations of a batch.</summary>
    /// <returns>What is wrong with the batch as a whole; null when nothing is.</returns>
    public static string? TryReadAll(JsonElement batch, int max, string batchPath, out IReadOnlyList<BatchOperation> operations)
    {
        operations = [];
        if (batch.ValueKind != JsonValueKind.Object || !batch.TryGetProperty("operations", out var list) || list.ValueKind != JsonValueKind.Array)
            return "Send { \"operations\": [ { \"id\": …, \"method\": …, \"path\": … } ] }.";
        int count = list.GetArrayLength();
        if (count == 0 || count > max)
            return $"The batch has {count} operations; allowed are 1 to {max}.";
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var all = new List<BatchOperation>(count);
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("id", out var id) || id.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
                return $"operations[{all.Count}] has no id; each needs one of its own, a text or a number.";
            if (!ids.Add(id.GetRawText()))
                return $"operations[{all.Count}].id is {id.GetRawText()}, which another one has too.";
            all.Add(Read(item, id, batchPath));
        }
        operations = all;
        return null;
    }

    private static BatchOperation Read(JsonElement item, JsonElement id, string batchPath)
    {
        var read = new BatchOperation { Id = id };
        foreach (var property in item.EnumerateObject())
        {
            string? text = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null;
            switch (property.Name)
            {
                case "id":
                    break;
                case "method" when text is { Length: > 0 } && !text.AsSpan().ContainsAnyExcept(s_token) && !HttpMethods.IsConnect(text):
                    read = read with { Method = text };
                    break;
                case "path" when text is ['/', ..] && !text.StartsWith("//", StringComparison.Ordinal):
                    read = read with { Path = text };
                    break;
                case "headers" when ReadHeaders(property.Value) is { } headers:
                    read = read with { Headers = headers };
                    break;
                case "body":
                    read = read with { Body = property.Value };
                    break;
                case "method" or "path" or "headers":
                    return read with { Fault = $"'{property.Name}' is not what it should be: a method, a path that begins with one /, headers as a map of texts without control characters." };
                default:
                    return read with { Fault = $"'{property.Name}' is unknown; an operation has id, method, path, headers and body." };
            }
        }
        if (read.Path.Length == 0)
            return read with { Fault = "'path' is missing." };
        var path = read.Path.AsSpan();
        path = path.IndexOf('?') is >= 0 and var query ? path[..query] : path;
        if (RequestTarget.HasDotSegment(path))
            return read with { Fault = "The path holds a segment . or .. ; send it resolved." };
        return path.TrimEnd('/').Equals(batchPath.AsSpan().TrimEnd('/'), StringComparison.OrdinalIgnoreCase) ? read with { Fault = "A batch cannot hold another one." } : read;
    }

    // What frames a message or belongs to a connection is not for the client to say here.
    private static List<KeyValuePair<string, string>>? ReadHeaders(JsonElement map)
    {
        if (map.ValueKind != JsonValueKind.Object)
            return null;
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var header in map.EnumerateObject())
        {
            if (header.Name.Length == 0 || header.Name.AsSpan().ContainsAnyExcept(s_token) || header.Value.ValueKind != JsonValueKind.String)
                return null;
            string value = header.Value.GetString()!;
            if (value.AsSpan().ContainsAnyInRange('\0', '\x1f') || value.AsSpan().ContainsAnyInRange('\x7f', '\uffff'))
                return null;
            if (!HopFields.EndsRequest(header.Name))
                headers.Add(new(header.Name, value));
        }
        return headers;
    }
}
