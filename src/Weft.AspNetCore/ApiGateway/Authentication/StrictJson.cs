using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>JSON as it is taken from strangers: one reading only. Names that stand twice, bytes that are no UTF-8 and base64url with anything beside are refused.</summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions s_options = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly SearchValues<byte> s_base64Url = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>Reads an object. The caller disposes it.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> text, [NotNullWhen(true)] out JsonDocument? json)
    {
        json = null;
        if (!Utf8.IsValid(text.Span))
            return false;
        try
        {
            json = JsonDocument.Parse(text, s_options);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return true;
            json.Dispose();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What is no JSON, or has half a surrogate pair.
        }
        json = null;
        return false;
    }

    /// <summary>The text of a member; null when it is not there or is something else.</summary>
    public static string? Text(JsonElement json, string name)
    {
        try
        {
            return json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The texts of a member that is one text or a list of them; null when it is something else.</summary>
    public static string[]? Texts(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value))
            return [];
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => [value.GetString()!],
                JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(v => v.GetString()!)],
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Bytes from base64url without padding (RFC 7515, section 2).</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.IsEmpty || text.ContainsAnyExcept(s_base64Url))
            return false;
        var buffer = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromUtf8(text, buffer, out _, out var written) != OperationStatus.Done)
            return false;
        bytes = buffer.Length == written ? buffer : buffer[..written];
        return true;
    }
}
