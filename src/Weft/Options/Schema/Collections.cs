using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>A list. What could not be read is left out of it.</summary>
internal sealed class ListOf<T>(Shape<T> item, int max = 1000) : Shape<OptionsList<T>>
{
    public override string Kind => $"a list, each {item.Kind}";

    public override string? Range => item.Range;

    public override ISection? Below => item.Below;

    public override bool IsSecret => item.IsSecret;

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out OptionsList<T> value)
    {
        value = OptionsList<T>.Empty;
        if (node.IsHole)
        {
            reader.MarkUnread(path);
            return false;
        }
        if (node.Kind != NodeKind.List)
        {
            if (IsSecret)
                reader.Hide(node);
            var instead = node.Kind == NodeKind.Scalar && !node.IsNull && reader.Shown(node) is { } shown ? $" Write [{shown}]." : "";
            reader.Report(ProblemCodes.WrongShape, path, node, $"{path} is {node.Noun}; it takes {Kind}.{instead}");
            return false;
        }
        var items = new List<T>();
        for (var i = 0; i < node.Items.Count; i++)
        {
            if (item.TryRead(node.Items[i], path.Item(i), reader, out var read))
                items.Add(read);
        }
        value = OptionsList.Create<T>(items.ToArray());
        // Places are found by position, which only holds while nothing is left out.
        if (items.Count == node.Items.Count)
            return true;
        reader.MarkUnread(path);
        return false;
    }

    public override void Check(OptionsList<T> value, OptionsPath path, Checking checking)
    {
        if (value.Count > max)
            checking.ReportRange(path, $"a list of {value.Count}", $"a list of 0 to {max}");
        for (var i = 0; i < value.Count; i++)
            item.Check(value[i], path.Item(i), checking);
    }

    public override void Write(OptionsList<T> value, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var each in value)
            item.Write(each, json);
        json.WriteEndArray();
    }

    public override string? Show(OptionsList<T> value) => value.All(v => item.Show(v) is not null) ? $"[{string.Join(", ", value.Select(item.Show))}]" : null;

    public override bool IsSet(OptionsList<T>? value) => value is { Count: > 0 };

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = item.Schema() };
}

/// <summary>A map from names, which the user chooses, to values.</summary>
internal sealed class MapOf<T>(Shape<T> item, NameForm form) : Shape<OptionsMap<T>>
{
    public override string Kind => $"a map from {form.Noun} to {item.Kind}";

    public override string? Range => item.Range;

    public override ISection? Below => item.Below;

    public override bool IsMap => true;

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out OptionsMap<T> value)
    {
        value = OptionsMap<T>.Empty;
        if (node.IsNull)
            return true;
        if (node.Kind != NodeKind.Map)
        {
            if (item.HoldsSecrets)
                reader.Hide(node);
            if (node.IsHole)
                reader.MarkUnread(path);
            else
                reader.Report(ProblemCodes.WrongShape, path, node, $"{path} is {node.Noun}; it takes {Kind}.");
            return false;
        }
        var items = new List<KeyValuePair<string, T>>();
        foreach (var entry in node.Entries)
        {
            if (item.TryRead(entry.Value, path.Key(entry.Key.Text), reader, out var read))
                items.Add(new(entry.Key.Text, read));
        }
        value = OptionsMap.Create<T>(items.ToArray());
        return true;
    }

    public override void Check(OptionsMap<T> value, OptionsPath path, Checking checking)
    {
        foreach (var (name, each) in value)
        {
            form.Check(name, path.Key(name), checking);
            item.Check(each, path.Key(name), checking);
        }
    }

    public override void Write(OptionsMap<T> value, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (name, each) in value)
        {
            json.WritePropertyName(name);
            item.Write(each, json);
        }
        json.WriteEndObject();
    }

    public override bool IsSet(OptionsMap<T>? value) => value is { Count: > 0 };

    public override JsonObject Schema() => new()
    {
        ["type"] = new JsonArray("object", "null"),
        ["propertyNames"] = new JsonObject { ["pattern"] = form.Pattern },
        ["additionalProperties"] = item.Schema(),
    };
}

/// <summary>What the names of a map look like.</summary>
/// <param name="Noun">In words.</param>
/// <param name="Pattern">A regular expression (ECMA), for editors.</param>
/// <param name="Check">Reports what is wrong with a name.</param>
internal sealed record NameForm(string Noun, string Pattern, Action<string, OptionsPath, Checking> Check);
