using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>Reads the data of an event as an object, or says why that cannot be. Allocates nothing but the object.</summary>
internal static class EventReading
{
    /// <summary>The data.</summary>
    /// <exception cref="UndeserialisableException">There is none, or it is something else.</exception>
    public static T Read<T>(in Message message, JsonTypeInfo<T> json)
    {
        // Binary data without a content type says nothing of itself: it may well be JSON.
        if (!message.IsJsonData && message.DataContentType is { } other)
            throw new UndeserialisableException($"The data is {Quoted(other)}; expected is {typeof(T).Name} as JSON in UTF-8.");
        if (!message.HasData)
            throw new UndeserialisableException($"There is no data; expected is {typeof(T).Name} as JSON.");
        try
        {
            return JsonSerializer.Deserialize(message.Data.Span, json) ?? throw new UndeserialisableException($"The data is null; expected is {typeof(T).Name}.");
        }
        catch (JsonException e)
        {
            throw new UndeserialisableException($"The data is no {typeof(T).Name}: {Said(e)} At {e.Path ?? "$"}, line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.", e);
        }
        catch (Exception e) when (e is not (UndeserialisableException or NotSupportedException or OutOfMemoryException))
        {
            // Constructors and converters of the type may refuse a value with anything. What they do not support is a mistake in the program.
            throw new UndeserialisableException($"The data is no {typeof(T).Name}: {e.GetType().Name}: {e.Message}", e);
        }
    }

    // Without the place, which the serializer appends in its own form.
    private static string Said(JsonException e)
    {
        int place = e.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        return place < 0 ? e.Message : e.Message[..place];
    }

    private static string Quoted(string text) => text.Length > 100 ? $"'{text[..100]}…'" : $"'{text}'";
}
