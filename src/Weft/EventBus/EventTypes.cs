using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>The logical names and the JSON metadata of types of data.</summary>
/// <remarks>Safe for use from many threads once the app is built.</remarks>
internal sealed class EventTypes
{
    private readonly Dictionary<Type, string> _names = [];
    private readonly List<JsonSerializerContext> _contexts = [];
    private readonly List<Action<JsonSerializerOptions>> _changes = [];
    private readonly ConcurrentDictionary<Type, EventShape> _shapes = new();
    private readonly Lazy<JsonSerializerOptions> _json;

    public EventTypes() => _json = new(CreateJson);

    /// <summary>Gives a type a name, in place of what it says itself.</summary>
    public void Name(Type type, string name) => _names[type] = name;

    /// <summary>Adds metadata.</summary>
    public void Add(JsonSerializerContext context) => _contexts.Add(context);

    /// <summary>Changes how JSON is read and written.</summary>
    public void Change(Action<JsonSerializerOptions> change) => _changes.Add(change);

    /// <summary>Name and metadata of a type.</summary>
    /// <exception cref="WeftConfigurationException">It cannot be the data of an event, or there is no metadata.</exception>
    public EventShape Of(Type type) => _shapes.TryGetValue(type, out var shape) ? shape : _shapes.GetOrAdd(type, new EventShape(NameOf(type), MetadataOf(type)));

    private string NameOf(Type type)
    {
        if (_names.TryGetValue(type, out string? name) || (name = type.GetCustomAttribute<EventTypeAttribute>(inherit: false)?.Name) is not null)
            return name.Length > 0 ? name : throw new WeftConfigurationException($"The logical name of {type} is empty. Give it one such as \"order.placed\".");
        if (type == typeof(Message) || typeof(IEnumerable<Message>).IsAssignableFrom(type))
            throw new WeftConfigurationException($"{type} is an event, not the data of one. Publish one event, or several as ReadOnlyMemory<Message>.");
        // What nobody named on purpose would make names such as "List`1" and "<>f__AnonymousType0".
        return type.IsGenericType || type.IsArray || type.Name.Contains('<', StringComparison.Ordinal) || type.Namespace is "System" || type.Namespace?.StartsWith("System.", StringComparison.Ordinal) == true
            ? throw new WeftConfigurationException($"{type} has no name that could be the type of an event. Use a class or record of your own; name a generic one by .EventType<…>(\"name\") where Weft is set up; or make the event with Message.Create(\"type\", …). Publish several by PublishAllAsync.")
            : type.Name;
    }

    private JsonTypeInfo MetadataOf(Type type) => _json.Value.TryGetTypeInfo(type, out var metadata)
        ? metadata
        : throw new WeftConfigurationException($"There is no JSON metadata for {type}, and reflection is off in this program. Add [JsonSerializable(typeof({type.Name}))] to a JsonSerializerContext, and .Json(THE_CONTEXT.Default) where Weft is set up.");

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where the program allows reflection; one that is trimmed or compiled ahead does not.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only where the program allows reflection; one that is trimmed or compiled ahead does not.")]
    private JsonSerializerOptions CreateJson()
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        foreach (var context in _contexts)
            json.TypeInfoResolverChain.Add(context);
        json.TypeInfoResolverChain.Add(GeneratedJson.Resolver);
        if (JsonSerializer.IsReflectionEnabledByDefault)
            json.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        foreach (var change in _changes)
            change(json);
        json.MakeReadOnly();
        return json;
    }
}

/// <summary>What is known of a type of data.</summary>
/// <param name="Name">Its logical name.</param>
/// <param name="Json">How it is read and written.</param>
internal sealed record EventShape(string Name, JsonTypeInfo Json);
