using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Data;

namespace Weft.Options.Schema;

/// <summary>An expression (CEL). It is compiled when the options are checked, so that a mistake shows where it stands.</summary>
/// <param name="place">What it may use.</param>
/// <param name="isCondition">Whether it must be true or false.</param>
internal sealed class ExpressionText(ExpressionPlace place, bool isCondition = false) : Text(isCondition ? $"a condition, such as {place.Condition}" : $"an expression, such as {place.Example}")
{
    public override void Check(string value, OptionsPath path, Checking checking)
    {
        var problems = new List<CelProblem>();
        var slots = new SlotTable();
        var compiled = Compiler.Compile(value, place.Scope, slots, CelLimits.Default, problems);
        foreach (var problem in problems)
            checking.ReportExpression(path, problem);
        if (compiled is null)
            return;
        ExpressionPlace.CheckPaths(value, slots, path, checking);
        if (isCondition && compiled.Type.Kind is not (CelTypeKind.Bool or CelTypeKind.Dyn))
            checking.ReportExpression(path, new CelProblem(0, value.Length, $"A condition must be true or false; this is of type {TypeText.Of(compiled.Type)}.{Remedy.Condition(compiled.Type)}"));
    }
}

/// <summary>Text with holes that are expressions: <c>payment.{body.type}</c>.</summary>
/// <param name="place">What the holes may use.</param>
/// <param name="use">Where the text is used, which decides how values are escaped.</param>
/// <param name="example">A text with a hole.</param>
internal sealed class TemplateText(ExpressionPlace place, TemplatePlace use, string example) : Text($"a text that may have holes, such as {example}")
{
    public override void Check(string value, OptionsPath path, Checking checking)
    {
        var problems = new List<CelProblem>();
        var slots = new SlotTable();
        Template.Compile(value, use, place.Scope, slots, CelLimits.Default, problems, use == TemplatePlace.Url ? ExpressionPlace.Tail(path, checking.Options) : null);
        foreach (var problem in problems)
            checking.ReportExpression(path, problem);
        if (problems.Count == 0)
            ExpressionPlace.CheckPaths(value, slots, path, checking);
    }
}

/// <summary>A tree: one expression, or a map or list whose leaves are expressions.</summary>
/// <param name="place">What the expressions may use.</param>
internal sealed partial class TreeShape(ExpressionPlace place) : Shape<CelTree>
{
    private readonly ExpressionText _leaf = new(place);

    public override string Kind => "an expression, or a map or list of them";

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out CelTree value)
    {
        value = null;
        switch (node.Kind)
        {
            case NodeKind.Map:
                var entries = new List<KeyValuePair<string, CelTree>>();
                foreach (var entry in node.Entries)
                {
                    if (TryRead(entry.Value, path.Key(entry.Key.Text), reader, out var item))
                        entries.Add(new(entry.Key.Text, item));
                }
                value = CelTree.Map(entries);
                return entries.Count == node.Entries.Count;
            case NodeKind.List:
                var items = new List<CelTree>();
                for (var i = 0; i < node.Items.Count; i++)
                {
                    if (TryRead(node.Items[i], path.Item(i), reader, out var item))
                        items.Add(item);
                }
                value = CelTree.List(items);
                return items.Count == node.Items.Count;
            default:
                if (node.IsNull)
                    value = CelTree.Expression("null");
                else if (reader.TryText(node, path, this, out var text))
                    value = CelTree.Expression(text);
                return value is not null;
        }
    }

    public override void Check(CelTree value, OptionsPath path, Checking checking)
    {
        if (value.Text is { } text)
        {
            if (!Number().IsMatch(text))
                _leaf.Check(text, path, checking);
            return;
        }
        for (var i = 0; !value.Items.IsDefault && i < value.Items.Length; i++)
            Check(value.Items[i], path.Item(i), checking);
        if (value.Entries.IsDefault)
            return;
        foreach (var (name, item) in value.Entries)
            Check(item, path.Key(name), checking);
    }

    public override void Write(CelTree value, Utf8JsonWriter json)
    {
        if (value.Text is { } text)
        {
            json.WriteStringValue(text);
        }
        else if (!value.Items.IsDefault)
        {
            json.WriteStartArray();
            foreach (var item in value.Items)
                Write(item, json);
            json.WriteEndArray();
        }
        else
        {
            json.WriteStartObject();
            foreach (var (name, item) in value.Entries)
            {
                json.WritePropertyName(name);
                Write(item, json);
            }
            json.WriteEndObject();
        }
    }

    public override JsonObject Schema() => [];

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex Number();
}
