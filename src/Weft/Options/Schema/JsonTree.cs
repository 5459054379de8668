using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>Any value, kept as JSON. Plain numbers, truth values and null are what they look like; whatever stands in quotes is text.</summary>
internal sealed partial class JsonTree : Shape<string>
{
    public override string Kind => "a value, such as { type: OrderCreated, data: { total: 20 } }";

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out string value)
    {
        value = Read(node)?.ToJsonString() ?? "null";
        return true;
    }

    public override void Check(string value, OptionsPath path, Checking checking)
    {
        try
        {
            using var _ = JsonDocument.Parse(value);
        }
        catch (JsonException e)
        {
            checking.Report(ProblemCodes.WrongForm, path, value, $"{path} is no JSON: {e.Message}");
        }
    }

    public override void Write(string value, Utf8JsonWriter json) => json.WriteRawValue(value);

    public override JsonObject Schema() => [];

    private static JsonNode? Read(Node node) => node.Kind switch
    {
        NodeKind.Map => new JsonObject(node.Entries.Select(e => KeyValuePair.Create(e.Key.Text, Read(e.Value)))),
        NodeKind.List => new JsonArray([.. node.Items.Select(Read)]),
        _ when node.IsNull => null,
        _ when node.Style == NodeStyle.Plain && (Number().IsMatch(node.Text) || node.Text is "true" or "false") => JsonNode.Parse(node.Text),
        _ => JsonValue.Create(node.Text),
    };

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex Number();
}
