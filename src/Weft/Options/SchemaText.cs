using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Options.Schema;

namespace Weft.Options;

/// <summary>What the file may say: as JSON Schema for editors, and as text for people.</summary>
public static class SchemaText
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The JSON Schema (draft-07) of <c>weft.yaml</c>: every key with its sentence, default, range and form.</summary>
    public static string JsonSchema()
    {
        var properties = new JsonObject();
        foreach (var key in WeftSchema.FileKeys)
        {
            var schema = key.Type.DeepClone().AsObject();
            schema["description"] = key.Summary;
            properties[key.Name] = schema;
        }
        var root = WeftSchema.Root.Schema();
        foreach (var (name, schema) in root["properties"]!.AsObject())
            properties[name] = schema!.DeepClone();
        root["properties"] = properties;
        var file = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["title"] = "weft.yaml" };
        foreach (var (name, value) in root)
            file[name] = value!.DeepClone();
        return file.ToJsonString(s_json) + "\n";
    }

    /// <summary>
    /// Explains one place of the file: what it does, what stands there, default, range, and the keys below. Null when there is no such place.
    /// </summary>
    /// <param name="path">Keys with dots between, such as <c>services.orders.endpoints</c>; any name does where names stand. Empty for the whole file.</param>
    public static string? Explain(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Shape shape = WeftSchema.Root;
        IKey? key = null;
        var named = false;
        foreach (var step in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (shape.IsMap && !named)
            {
                named = true;
                continue;
            }
            key = shape.Below?.Keys.FirstOrDefault(k => k.Name == step);
            if (key is null)
                return null;
            (shape, named) = (key.Shape, false);
        }
        return Describe(path, shape, key, named);
    }

    private static string Describe(string path, Shape shape, IKey? key, bool named)
    {
        var text = new StringBuilder();
        Line(text, path.Length == 0 ? "weft.yaml" : path);
        if (key is not null && !named)
        {
            Line(text, "  " + key.Summary);
            Line(text, $"  Takes:    {shape.Kind}{(key.Required ? " (must be written)" : "")}");
            if (shape.Range is { } range)
                Line(text, "  Allowed:  " + range);
            if (key.DefaultText is { } value)
                Line(text, "  Default:  " + value);
            if (key.Remedy is { } remedy)
                Line(text, "  Note:     " + remedy);
        }
        var below = shape.IsMap && !named ? null : shape.Below;
        if (shape.IsMap && !named)
            Line(text, $"  Keys:     names that you choose; weft explain {path}.NAME tells what stands below.");
        if (below is null)
            return text.ToString();
        Line(text, "  Keys:");
        var width = below.Keys.Max(k => k.Name.Length);
        foreach (var each in below.Keys)
            Line(text, string.Create(CultureInfo.InvariantCulture, $"    {each.Name.PadRight(width)}  {each.Summary}{(each.DefaultText is { } d ? $" Default: {d}." : "")}"));
        return text.ToString();
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
