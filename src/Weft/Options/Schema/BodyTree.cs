using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>
/// A body: a map or list becomes compact JSON with numbers as they are written; a single value becomes the text itself.
/// </summary>
internal sealed partial class BodyTree : Shape<string>
{
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override string Kind => "a map or list, sent as JSON, or a text, sent as it is";

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out string value)
    {
        value = node.Text;
        if (node.Kind == NodeKind.Scalar)
            return reader.TryText(node, path, this, out value);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_json))
        {
            if (!TryWrite(node, path, reader, json))
                return false;
        }
        value = Encoding.UTF8.GetString(buffer.WrittenSpan);
        return true;
    }

    public override bool IsSet(string? value) => value is not null;

    public override void Check(string value, OptionsPath path, Checking checking)
    {
        if (IsJson(value) && !TryParse(value, out _))
            checking.Report(ProblemCodes.WrongForm, path, null, $"{path} begins like JSON and is none. Mend it, or begin it with something else than {{ and [.");
    }

    public override void Write(string value, Utf8JsonWriter json)
    {
        if (IsJson(value) && TryParse(value, out var document))
        {
            using (document)
                document.RootElement.WriteTo(json);
        }
        else
        {
            json.WriteStringValue(value);
        }
    }

    public override JsonObject Schema() => [];

    private static bool IsJson(string value) => value.AsSpan().TrimStart() is ['{' or '[', ..];

    private static bool TryParse(string value, [NotNullWhen(true)] out JsonDocument? document)
    {
        try
        {
            document = JsonDocument.Parse(value);
            return true;
        }
        catch (JsonException)
        {
            document = null;
            return false;
        }
    }

    private bool TryWrite(Node node, OptionsPath path, Reader reader, Utf8JsonWriter json)
    {
        var all = true;
        switch (node.Kind)
        {
            case NodeKind.Map:
                json.WriteStartObject();
                foreach (var entry in node.Entries)
                {
                    json.WritePropertyName(entry.Key.Text);
                    all &= TryWrite(entry.Value, path.Key(entry.Key.Text), reader, json);
                }
                json.WriteEndObject();
                return all;
            case NodeKind.List:
                json.WriteStartArray();
                for (var i = 0; i < node.Items.Count; i++)
                    all &= TryWrite(node.Items[i], path.Item(i), reader, json);
                json.WriteEndArray();
                return all;
            default:
                return TryWriteScalar(node, path, reader, json);
        }
    }

    private bool TryWriteScalar(Node node, OptionsPath path, Reader reader, Utf8JsonWriter json)
    {
        var text = "";
        if (!node.IsNull && !reader.TryText(node, path, this, out text))
        {
            json.WriteNullValue();
            return false;
        }
        if (node.IsNull)
            json.WriteNullValue();
        else if (node.Style == NodeStyle.Text || !ReferenceEquals(text, node.Text))
            json.WriteStringValue(text);
        else if (text is "true" or "false")
            json.WriteBooleanValue(text == "true");
        else if (NumberPattern().IsMatch(text))
            json.WriteRawValue(text);
        else
            json.WriteStringValue(text);
        return true;
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex NumberPattern();
}
