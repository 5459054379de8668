using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>What is known about a section without its type.</summary>
internal interface ISection
{
    IReadOnlyList<IKey> Keys { get; }

    /// <summary>Keys of the design that this version does not have, each with what it will be.</summary>
    IReadOnlyDictionary<string, string> NotYet { get; }
}

/// <summary>Begins a section.</summary>
internal static class Section
{
    /// <summary>The word that switches off what a section says.</summary>
    public const string Off = "off";

    /// <param name="nothing">The options when nothing is written; every default comes from here.</param>
    /// <param name="noun">What it is, with an article: <c>a topic</c>.</param>
    public static Section<T> Of<T>(T nothing, string noun) where T : class => new(nothing, noun);
}

/// <summary>A map of the file with fixed keys, which becomes one options record. Made once by chaining, then only read.</summary>
/// <typeparam name="T">The options record.</typeparam>
internal sealed class Section<T>(T nothing, string noun) : Shape<T>, ISection where T : class
{
    private readonly List<Key<T>> _keys = [];
    private readonly Dictionary<string, string> _notYet = new(StringComparer.Ordinal);
    private readonly List<Action<T, OptionsPath, Checking>> _rules = [];
    private string[] _alternatives = [];
    private string[] _rivals = [];
    private Func<T, T?>? _off;
    private readonly List<string> _others = [];
    private Key<T>? _short;
    private Func<T, bool> _isOff = _ => false;

    public override string Kind
    {
        get
        {
            var instead = string.Join(", ", new[] { _short?.Shape.Kind, _off is null ? null : Section.Off }.OfType<string>());
            return instead.Length == 0 ? $"a map ({noun})" : $"{instead}, or a map ({noun})";
        }
    }

    public override ISection Below => this;

    public override bool IsSecret => _short?.Shape.IsSecret ?? false;

    public IReadOnlyList<IKey> Keys => _keys;

    public IReadOnlyDictionary<string, string> NotYet => _notYet;

    /// <summary>Adds a key.</summary>
    public Section<T> Key<TValue>(string name, Shape<TValue> shape, Func<T, TValue?> get, Func<T, TValue, T> set, string summary, bool required = false, string? remedy = null, bool always = false)
    {
        _keys.Add(new Key<T, TValue>(name, shape, get, set, summary, nothing) { Required = required, Remedy = remedy, IsAlwaysWritten = always });
        return this;
    }

    /// <summary>Adds <c>enabled</c>.</summary>
    public Section<T> Switch(Func<T, bool> get, Func<T, bool, T> set)
    {
        _isOff = section => !get(section);
        return Key("enabled", new Truth(), get, set, "False takes it out as if it were not written; it is still checked.");
    }

    /// <summary>Keys that are designed but not in this version: using one is an error of its own.</summary>
    public Section<T> Later(string what, params string[] names)
    {
        foreach (var name in names)
            _notYet.Add(name, what);
        return this;
    }

    /// <summary>Names keys that are read by somebody else, so that hints know them.</summary>
    public Section<T> Others(IEnumerable<string> names)
    {
        _others.AddRange(names);
        return this;
    }

    /// <summary>A single value may stand for the map: it is the value of this key.</summary>
    public Section<T> ShortFor(string key)
    {
        _short = _keys.First(k => k.Name == key);
        return this;
    }

    /// <summary>The word <c>off</c> may stand for the map, and does this; null takes the section out.</summary>
    public Section<T> OffWith(Func<T, T?> off)
    {
        _off = off;
        return this;
    }

    /// <summary>At most one of these keys is written: each takes the place of the others.</summary>
    public Section<T> Rivals(params string[] keys)
    {
        _rivals = keys;
        return this;
    }

    /// <summary>Exactly one of these keys is written.</summary>
    public Section<T> ExactlyOne(params string[] keys)
    {
        _alternatives = keys;
        return this;
    }

    /// <summary>Adds a rule between keys.</summary>
    public Section<T> Rule(Action<T, OptionsPath, Checking> rule)
    {
        _rules.Add(rule);
        return this;
    }

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out T value) => TryReadOver(nothing, node, path, reader, out value);

    public override bool TryReadOver(T? start, Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out T value)
    {
        value = start ?? nothing;
        if (node.IsHole)
        {
            reader.MarkUnread(path);
            return false;
        }
        if (node.IsNull)
            return true;
        if (node.Kind == NodeKind.Scalar && _off is not null && node.Text == Section.Off)
        {
            value = _off(value)!;
            return true;
        }
        if (node.Kind == NodeKind.Scalar && _short is not null)
        {
            value = _short.Read(value, node, path, reader);
            return true;
        }
        if (node.Kind != NodeKind.Map)
        {
            if (HoldsSecrets)
                reader.Hide(node);
            reader.Report(ProblemCodes.WrongShape, path, node, $"{path} is {node.Noun}; it takes {Kind}.");
            return false;
        }
        CheckRivals(node, path, reader);
        foreach (var entry in node.Entries)
            value = ReadEntry(value, entry, path.Key(entry.Key.Text), reader);
        return true;
    }

    private void CheckRivals(Node node, OptionsPath path, Reader reader)
    {
        var written = node.Entries.Where(e => _rivals.Contains(e.Key.Text)).ToArray();
        if (written.Length > 1)
            reader.Report(ProblemCodes.ExactlyOne, path.Key(written[1].Key.Text), written[1].Key,
                $"{path} has {string.Join(" and ", written.Select(e => e.Key.Text))}, which say the same in different ways. Keep one.");
    }

    private T ReadEntry(T section, Entry entry, OptionsPath path, Reader reader)
    {
        var name = entry.Key.Text;
        if (_keys.Find(k => k.Name == name) is { } key)
            return key.Read(section, entry.Value, path, reader);
        var near = Nearest.To(name, Names);
        // Only behind a mistyped key of ours is it known that no secret stands.
        if (_keys.Find(k => k.Name == near) is null or { Shape.HoldsSecrets: true })
            reader.Hide(entry.Value);
        if (_notYet.TryGetValue(name, out var what))
            reader.Report(ProblemCodes.NotYet, path, entry.Key, $"{path} is not in this version of Weft yet: {what}. Remove it.");
        else
            reader.Report(ProblemCodes.UnknownKey, path, entry.Key, $"{path} is not a key here.{Nearest.Hint(near)} Allowed: {string.Join(", ", Names)}.");
        if (path.Parent != OptionsPath.Root || near is not null)
            reader.MarkIncomplete(path.Parent!);
        return section;
    }

    private IEnumerable<string> Names => _others.Concat(_keys.Select(k => k.Name));

    public override void Check(T value, OptionsPath path, Checking checking)
    {
        var wasOff = checking.IsOff;
        checking.IsOff |= _isOff(value);
        foreach (var key in _keys)
            key.Check(value, path.Key(key.Name), checking);
        if (_alternatives.Length > 0)
            CheckAlternatives(value, path, checking);
        foreach (var rule in _rules)
            rule(value, path, checking);
        checking.IsOff = wasOff;
    }

    private void CheckAlternatives(T value, OptionsPath path, Checking checking)
    {
        var set = _keys.Where(k => _alternatives.Contains(k.Name) && k.IsSet(value)).Select(k => k.Name).ToArray();
        var wanted = _alternatives.Length == 1 ? _alternatives[0] : "exactly one of " + string.Join(", ", _alternatives);
        if (set.Length == 0)
            checking.ReportAbsence(ProblemCodes.ExactlyOne, path, $"{path} needs {wanted}; it has none.");
        else if (set.Length > 1)
            checking.Report(ProblemCodes.ExactlyOne, path, null, $"{path} needs {wanted}; it has {string.Join(" and ", set)}.");
    }

    public override void Write(T value, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteKeys(value, json);
        json.WriteEndObject();
    }

    /// <summary>Writes the keys without the braces.</summary>
    public void WriteKeys(T value, Utf8JsonWriter json)
    {
        foreach (var key in _keys)
            key.Write(value, json);
    }

    public override JsonObject Schema()
    {
        var properties = new JsonObject();
        foreach (var key in _keys)
            properties[key.Name] = key.Schema();
        // Nothing is required: a file that is included or laid over another one says only a part.
        var map = new JsonObject { ["type"] = new JsonArray("object", "null"), ["additionalProperties"] = false, ["properties"] = properties };
        if (_short is null && _off is null)
            return map;
        JsonNode?[] forms = [_off is null ? null : new JsonObject { ["const"] = Section.Off }, _short?.Schema(), map];
        return new JsonObject { ["anyOf"] = new JsonArray([.. forms.Where(f => f is not null)]) };
    }
}
