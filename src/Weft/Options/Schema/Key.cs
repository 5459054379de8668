using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Options.Schema;

/// <summary>What is known about a key without the types of its section and value.</summary>
internal interface IKey
{
    /// <summary>As it is written in the file.</summary>
    string Name { get; }

    /// <summary>One sentence or two on what it does.</summary>
    string Summary { get; }

    /// <summary>What stands there.</summary>
    Shape Shape { get; }

    /// <summary>Must be written.</summary>
    bool Required { get; }

    /// <summary>What holds when it is not written; null when nothing does.</summary>
    string? DefaultText { get; }

    /// <summary>What somebody who met its limits probably wants.</summary>
    string? Remedy { get; }

    /// <summary>JSON Schema (draft-07) with sentence and default.</summary>
    JsonObject Schema();
}

/// <summary>A key of a section.</summary>
/// <typeparam name="T">The options record of the section.</typeparam>
internal abstract class Key<T>(string name, string summary) : IKey
{
    public string Name => name;

    public string Summary => summary;

    public abstract Shape Shape { get; }

    public bool Required { get; init; }

    public abstract string? DefaultText { get; }

    public string? Remedy { get; init; }

    /// <summary>This section with the key read; unchanged when it could not be.</summary>
    public abstract T Read(T section, Node node, OptionsPath path, Reader reader);

    public abstract bool IsSet(T section);

    public abstract void Check(T section, OptionsPath path, Checking checking);

    public abstract void Write(T section, Utf8JsonWriter json);

    public abstract JsonObject Schema();
}

/// <summary>A key with its value: one line of the table that <see cref="WeftSchema"/> is.</summary>
internal sealed class Key<T, TValue>(string name, Shape<TValue> shape, Func<T, TValue?> get, Func<T, TValue, T> set, string summary, T nothing)
    : Key<T>(name, summary)
{
    public override Shape Shape => shape;

    public override string? DefaultText => IsSet(nothing) ? shape.Show(get(nothing)!) : null;

    public override T Read(T section, Node node, OptionsPath path, Reader reader) =>
        shape.TryReadOver(get(section), node, path, reader, out var value) ? set(section, value) : section;

    public override bool IsSet(T section) => shape.IsSet(get(section));

    public override void Check(T section, OptionsPath path, Checking checking)
    {
        checking.Key = this;
        if (Says(section))
            shape.Check(get(section)!, path, checking);
        else if (Required)
            checking.ReportAbsence(Diagnostics.ProblemCodes.Missing, path, $"{path} is missing. {Summary}");
    }

    /// <summary>Written even when it says nothing, because what is read may begin with another value than the default.</summary>
    public bool IsAlwaysWritten { get; init; }

    public override void Write(T section, Utf8JsonWriter json)
    {
        if (!IsAlwaysWritten && !Says(section))
            return;
        json.WritePropertyName(Name);
        if (get(section) is { } value)
            shape.Write(value, json);
        else
            json.WriteStringValue(Section.Off);
    }

    /// <summary>An empty value says something where the default is not empty.</summary>
    private bool Says(T section) => get(section) is { } value && (shape.IsSet(value) || !value.Equals(get(nothing)));

    public override JsonObject Schema()
    {
        var schema = shape.Schema();
        var text = Summary;
        if (shape.Range is { } range)
            text += $" Allowed: {range}.";
        if (DefaultText is { } value)
            text += $" Default: {value}.";
        schema["description"] = text;
        return schema;
    }
}
