using System.Globalization;
using System.Text;
using System.Text.Json;
using Weft.Messages;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Makes the event that an operator wants of the one that is there, and checks it as a publisher's would be.</summary>
internal static class EventEdit
{
    // The original is kept in the same row, and a row holds less than 1 GB.
    private const int MaxBytes = 256 << 20;

    /// <summary>Applies an edit.</summary>
    /// <exception cref="AdminException">The event would be none, or its data not what its content type says.</exception>
    public static Message Apply(in Message message, DeadEdit edit)
    {
        if (edit is { Data: null, DataBase64: null, Attributes: null })
            throw new AdminException(400, "There is nothing to change: give 'data', 'dataBase64' or 'attributes'.");
        if (edit is { Data: not null, DataBase64: not null })
            throw new AdminException(400, "Give the data once: as 'data' when it is text, else as 'dataBase64'.");
        var builder = MessageBuilder.Rent();
        try
        {
            SetAttributes(builder, message, edit.Attributes ?? new Dictionary<string, JsonElement>());
            bool isNew = edit.Data is not null || edit.DataBase64 is not null;
            ReadOnlyMemory<byte> data = edit.Data is { } text ? Encoding.UTF8.GetBytes(text) : edit.DataBase64 is { } base64 ? Decode(base64) : message.Data;
            if (message.Bytes.Length + data.Length > MaxBytes)
                throw new AdminException(413, $"The event and its original would take {message.Bytes.Length + data.Length} bytes; allowed are {MaxBytes}.");
            var kind = isNew || message.HasData ? KindOf(builder, message.DataKind, data.Span, isText: edit.Data is not null) : DataKind.None;
            return builder.TryEnd(kind, data.Span, out var edited, out var error) ? edited : throw Refused(error);
        }
        finally
        {
            builder.Return();
        }
    }

    private static void SetAttributes(MessageBuilder builder, in Message message, IReadOnlyDictionary<string, JsonElement> changes)
    {
        foreach (var (name, value) in changes)
        {
            if (name == "id" && value.ToString() != message.Id)
                throw new AdminException(400, "'id' cannot be changed: subscribers know the event by it.");
            if (name == "specversion" && value.ToString() != "1.0")
                throw new AdminException(400, $"'specversion' is '{value}'; allowed is 1.0.");
        }
        foreach (var attribute in message.Attributes)
        {
            string name = Encoding.UTF8.GetString(attribute.Name);
            if (!changes.TryGetValue(name, out var change))
                Set(builder, name, attribute.Type, attribute.Value);
            else if (change.ValueKind != JsonValueKind.Null)
                Set(builder, name, change, attribute.Type);
        }
        foreach (var (name, value) in changes)
        {
            if (name != "specversion" && value.ValueKind != JsonValueKind.Null && !message.TryGet(Encoding.UTF8.GetBytes(name), out _))
                Set(builder, name, value, AttributeType.String);
        }
    }

    private static void Set(MessageBuilder builder, string name, JsonElement value, AttributeType was)
    {
        string text = value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            ? throw new AdminException(400, $"The attribute '{name}' is {value.ValueKind.ToString().ToLowerInvariant()}; allowed is a text, a whole number, true or false, and null to take it away.")
            : value.ToString();
        var type = value.ValueKind switch
        {
            JsonValueKind.Number => AttributeType.Integer,
            JsonValueKind.True or JsonValueKind.False => AttributeType.Boolean,
            // A page that shows attributes as texts gives back texts; what was a number stays one while it looks like one.
            _ when was == AttributeType.Integer && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => was,
            _ when was == AttributeType.Boolean && text is "true" or "false" => was,
            _ => AttributeType.String,
        };
        Set(builder, name, type, Encoding.UTF8.GetBytes(type == AttributeType.Boolean ? text.ToLowerInvariant() : text));
    }

    private static void Set(MessageBuilder builder, string name, AttributeType type, ReadOnlySpan<byte> value)
    {
        if (!builder.TrySet(Encoding.UTF8.GetBytes(name), type, value, out var error))
            throw Refused(error);
    }

    private static DataKind KindOf(MessageBuilder builder, DataKind was, ReadOnlySpan<byte> data, bool isText)
    {
        var type = builder.Get(KnownAttribute.DataContentType);
        bool isJson = type.IsEmpty ? was is DataKind.Json or DataKind.None : MediaType.IsUtf8Json(type);
        if (!isJson)
            return (was == DataKind.Text || (isText && type.IsEmpty)) && System.Text.Unicode.Utf8.IsValid(data) ? DataKind.Text : DataKind.Bytes;
        if (!JsonText.IsWellFormed(data))
            throw new AdminException(400, $"The data is not JSON, and '{(type.IsEmpty ? "application/json" : Encoding.UTF8.GetString(type))}' is its content type: {WhyNotJson(data)}");
        return DataKind.Json;
    }

    private static string WhyNotJson(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data);
            while (reader.Read())
            {
                // Looking for the place where it breaks off.
            }
            return "allowed is one JSON value in UTF-8, no deeper than 64 levels.";
        }
        catch (JsonException e)
        {
            return string.Create(CultureInfo.InvariantCulture, $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    private static byte[] Decode(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw new AdminException(400, "'dataBase64' is not base64 (RFC 4648, section 4).");
        }
    }

    private static AdminException Refused(EventError error) => new(400, error.Text);
}
