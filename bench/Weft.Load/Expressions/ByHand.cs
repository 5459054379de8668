using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Weft.Load.Expressions;

/// <summary>What a programmer would write for this one predicate and this one transform.</summary>
internal static class ByHand
{
    public static bool Holds(JsonElement order)
    {
        if (!order.GetProperty("type"u8).ValueEquals("OrderCreated"u8))
            return false;
        var data = order.GetProperty("data"u8);
        return data.GetProperty("total"u8).GetDouble() > 1000
            && data.TryGetProperty("country"u8, out var country) && (country.ValueEquals("DE"u8) || country.ValueEquals("FR"u8));
    }

    /// <summary>Forward only, without anything between, and not a byte farther than needed.</summary>
    public static bool Holds(ReadOnlySpan<byte> json)
    {
        bool hasType = false, hasTotal = false, hasCountry = false;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                if (!reader.ValueTextEquals("OrderCreated"u8))
                    return false;
                hasType = true;
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (reader.ValueTextEquals("total"u8))
                    {
                        reader.Read();
                        if (!(reader.GetDouble() > 1000))
                            return false;
                        hasTotal = true;
                    }
                    else if (reader.ValueTextEquals("country"u8))
                    {
                        reader.Read();
                        if (!reader.ValueTextEquals("DE"u8) && !reader.ValueTextEquals("FR"u8))
                            return false;
                        hasCountry = true;
                    }
                    else
                    {
                        reader.Read();
                        reader.Skip();
                    }
                    if (hasType && hasTotal && hasCountry)
                        return true;
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        return false;
    }
}

/// <summary>The transform by hand; writes into memory that is used again.</summary>
internal static class TransformByHand
{
    private static readonly ArrayBufferWriter<byte> s_buffer = new();
    private static readonly Utf8JsonWriter s_json = new(s_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    public static ReadOnlyMemory<byte> Run(JsonElement order)
    {
        Begin();
        var data = order.GetProperty("data"u8);
        s_json.WritePropertyName("id"u8);
        data.GetProperty("id"u8).WriteTo(s_json);
        s_json.WriteNumber("total"u8, data.GetProperty("total"u8).GetDouble() * 1.19);
        s_json.WriteStartArray("skus"u8);
        foreach (var item in data.GetProperty("items"u8).EnumerateArray())
        {
            if (item.GetProperty("qty"u8).GetInt64() > 1)
                item.GetProperty("sku"u8).WriteTo(s_json);
        }
        s_json.WriteEndArray();
        return End();
    }

    public static ReadOnlyMemory<byte> Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return Run(document.RootElement);
    }

    private static void Begin()
    {
        s_buffer.ResetWrittenCount();
        s_json.Reset();
        s_json.WriteStartObject();
    }

    private static ReadOnlyMemory<byte> End()
    {
        s_json.WriteEndObject();
        s_json.Flush();
        return s_buffer.WrittenMemory;
    }
}
