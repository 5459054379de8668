using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Weft.EventBus;

/// <summary>For code that Weft's source generator writes; nothing else should use it. Safe for use from many threads.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GeneratedJson
{
    private static ImmutableArray<Func<JsonSerializerContext>> s_contexts = [];

    internal static IJsonTypeInfoResolver Resolver { get; } = new Contexts();

    /// <summary>Makes the metadata of an assembly known.</summary>
    /// <param name="context">Gives it when it is needed.</param>
    public static void Add(Func<JsonSerializerContext> context) => ImmutableInterlocked.Update(ref s_contexts, static (all, one) => all.Add(one), context);

    // Asked for a type at a time, since an assembly that is loaded later brings its own.
    private sealed class Contexts : IJsonTypeInfoResolver
    {
        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options)
        {
            foreach (var context in s_contexts)
            {
                if (((IJsonTypeInfoResolver)context()).GetTypeInfo(type, options) is { } found)
                    return found;
            }
            return null;
        }
    }
}
