using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>A shape that is one text in the file.</summary>
internal abstract class TextShape<T> : Shape<T>
{
    /// <summary>Matches texts that are given later: by a variable or by the host.</summary>
    protected const string Deferred = @"\$\{|^config://";

    /// <summary>A regular expression (ECMA) for editors; null for any text.</summary>
    protected virtual string? Pattern => null;

    /// <summary>What a text means; false when it does not have the form.</summary>
    protected abstract bool TryParse(string text, [MaybeNullWhen(false)] out T value);

    /// <summary>What a text means, for shapes that are made of others; false when it does not have the form.</summary>
    public bool TryParseText(string text, [MaybeNullWhen(false)] out T value) => TryParse(text, out value);

    /// <summary>The text that means a value.</summary>
    protected abstract string Format(T value);

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (!reader.TryText(node, path, this, out var text))
            return false;
        if (TryParse(text, out value))
            return true;
        var shown = reader.Shown(node);
        reader.Report(FormCode, path, node, shown is null ? $"{path} takes {Kind}.{Hint("")}" : $"{path} is '{shown}'; it takes {Kind}.{Hint(text)}");
        return false;
    }

    protected virtual EventCode FormCode => ProblemCodes.WrongForm;

    protected virtual string Hint(string text) => "";

    public override void Write(T value, Utf8JsonWriter json) => json.WriteStringValue(DisplayText.HideUserInfo(Format(value)));

    public override string? Show(T value) => Format(value) is { Length: > 0 } text ? text : null;

    public override bool IsSet(T? value) => value is not null && (value is not string text || text.Length > 0);

    public override JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (Pattern is { } pattern)
            schema["pattern"] = $"{pattern}|{Deferred}";
        return schema;
    }
}

/// <summary>Any text.</summary>
internal class Text(string kind = "a text") : TextShape<string>
{
    public override string Kind => kind;

    protected override bool TryParse(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return true;
    }

    protected override string Format(string value) => value;
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed class Truth : TextShape<bool>
{
    public override string Kind => "true or false";

    protected override bool TryParse(string text, out bool value)
    {
        value = text is "true";
        return text is "true" or "false";
    }

    protected override string Format(bool value) => value ? "true" : "false";

    public override void Write(bool value, Utf8JsonWriter json) => json.WriteBooleanValue(value);

    public override JsonObject Schema() => new() { ["type"] = new JsonArray("boolean", "string"), ["pattern"] = Deferred };
}

/// <summary>One of a few words, which are the names of an enumeration in camel case.</summary>
internal sealed class Choice<T> : TextShape<T> where T : struct, Enum
{
    private readonly (string Text, T Value)[] _choices = [.. Enum.GetValues<T>().Select(v => (Camel(v.ToString()), v))];

    public override string Kind => string.Join(", ", _choices.SkipLast(1).Select(c => c.Text)) + " or " + _choices[^1].Text;

    protected override EventCode FormCode => ProblemCodes.NotAChoice;

    protected override string Hint(string text) => Nearest.Hint(text, _choices.Select(c => c.Text));

    protected override bool TryParse(string text, out T value)
    {
        var found = Array.FindIndex(_choices, c => c.Text == text);
        value = found < 0 ? default : _choices[found].Value;
        return found >= 0;
    }

    protected override string Format(T value) => Camel(value.ToString());

    public override void Check(T value, OptionsPath path, Checking checking)
    {
        if (!Enum.IsDefined(value))
            checking.ReportForm(path, Format(value), Kind, ProblemCodes.NotAChoice);
    }

    public override JsonObject Schema() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray([.. _choices.Select(c => (JsonNode)c.Text)]) },
            new JsonObject { ["type"] = "string", ["pattern"] = Deferred }),
    };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}

/// <summary>A value that need not be said.</summary>
internal sealed class Optional<T>(Shape<T> inner) : Shape<T?> where T : struct
{
    public override string Kind => inner.Kind;

    public override string? Range => inner.Range;

    public override bool TryRead(Node node, OptionsPath path, Reader reader, out T? value)
    {
        var read = inner.TryRead(node, path, reader, out var found);
        value = read ? found : null;
        return read;
    }

    public override void Check(T? value, OptionsPath path, Checking checking) => inner.Check(value!.Value, path, checking);

    public override void Write(T? value, Utf8JsonWriter json) => inner.Write(value!.Value, json);

    public override string? Show(T? value) => inner.Show(value!.Value);

    public override JsonObject Schema() => inner.Schema();
}
