using System.Text;
using System.Text.Json;
using Weft.AspNetCore.Endpoints;

namespace Weft.Server.Commands;

/// <summary>The event of a dead letter as a text that a person edits: attributes, and the data as it stands when it is JSON.</summary>
internal sealed class EventDraft
{
    private readonly DeadView _dead;
    private readonly bool _isJson;

    public EventDraft(DeadView dead)
    {
        _dead = dead;
        _isJson = dead.Data is not null && IsJson(dead.Data) && (!dead.Attributes!.TryGetValue("datacontenttype", out string? type) || type.Contains("json", StringComparison.OrdinalIgnoreCase));
        Text = Write();
    }

    /// <summary>What is edited.</summary>
    public string Text { get; }

    /// <summary>What was changed; null when nothing was.</summary>
    /// <exception cref="JsonException">It is no JSON of this form any more.</exception>
    public DeadEdit? Read(string text)
    {
        using var document = JsonDocument.Parse(text, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("attributes", out var attributes) || attributes.ValueKind != JsonValueKind.Object)
            throw new JsonException("An object with 'attributes' and 'data' is needed.");
        var changed = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var attribute in attributes.EnumerateObject())
        {
            if (_dead.Attributes!.GetValueOrDefault(attribute.Name) != attribute.Value.ToString())
                changed[attribute.Name] = attribute.Value.Clone();
        }
        foreach (string name in _dead.Attributes!.Keys.Where(n => n != "specversion" && !attributes.TryGetProperty(n, out _)))
            changed[name] = JsonSerializer.SerializeToElement(null, AdminJson.Default.String!);

        var edit = new DeadEdit { Attributes = changed.Count > 0 ? changed : null };
        if (root.TryGetProperty("dataBase64", out var base64))
            edit = edit with { DataBase64 = base64.GetString() == _dead.DataBase64 ? null : base64.GetString() };
        else if (root.TryGetProperty("data", out var data) && DataOf(data) is var written && written != _dead.Data)
            edit = edit with { Data = written };
        return edit is { Data: null, DataBase64: null, Attributes: null } ? null : edit;
    }

    // A text that is no JSON stands as a JSON text.
    private string DataOf(JsonElement data) => !_isJson && data.ValueKind == JsonValueKind.String ? data.GetString()! : data.GetRawText();

    private string Write()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject("attributes");
            foreach (var (name, value) in _dead.Attributes!.Where(a => a.Key != "specversion"))
                json.WriteString(name, value);
            json.WriteEndObject();
            if (_dead.DataBase64 is { } base64)
            {
                json.WriteString("dataBase64", base64);
            }
            else if (_dead.Data is { } data)
            {
                json.WritePropertyName("data");
                if (_isJson)
                    json.WriteRawValue(data);
                else
                    json.WriteStringValue(data);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
