using System.Globalization;

namespace Weft.Expressions.Library;

/// <summary>
/// What Weft adds to CEL for transforms, keys and pages: <c>merge</c>, <c>with</c>, <c>without</c>, <c>pick</c>, <c>hash</c>, <c>shard</c> and
/// <c>image</c>. None of it is part of CEL or of its extensions.
/// </summary>
internal static class WeftLibrary
{
    // So many names without and pick take one by one; for more there is the list.
    private const int MaxNames = 8;

    private static readonly CelError s_noImages = CelError.Argument(
        "image() needs server.images, the address of a service that scales images, and that key is not in this version. Until then write the address: 'https://cdn.example.com/optimize?size=300&url=' + url.");

    /// <summary>Declares the functions.</summary>
    /// <param name="registry">Where.</param>
    /// <param name="imageTemplate">
    /// The address of the service that scales images, with the holes <c>{url}</c> and <c>{size}</c>; null when there is none, and then
    /// <c>image</c> is an error.
    /// </param>
    public static void Register(Registry registry, string? imageTemplate = null)
    {
        CelType map = CelType.AnyMap, text = CelType.String;
        registry.Global("merge", "merge_map_map", [map, map], map, MapEdits.Merge);
        registry.Member("with", "map_with_map", [map, map], map, MapEdits.Merge);
        RegisterSelect(registry, "without", isPick: false);
        RegisterSelect(registry, "pick", isPick: true);
        HashFunctions.Register(registry);

        var template = imageTemplate is null ? null : new ImageTemplate(imageTemplate);
        Implementation image = (frame, arguments) =>
            template is null ? CelValue.Of(s_noImages) : template.Fill(frame, arguments[0], Text(frame, arguments[1]));
        registry.Global("image", "image_string_int", [text, CelType.Int], text, image);
        registry.Global("image", "image_string_string", [text, text], text, image);
        if (template is null)
            registry.Refuse("image", s_noImages.Message);
    }

    private static void RegisterSelect(Registry registry, string name, bool isPick)
    {
        var parameters = new List<CelType> { CelType.AnyMap };
        for (var count = 1; count <= MaxNames; count++)
        {
            parameters.Add(CelType.String);
            registry.Member(name, count == 1 ? $"map_{name}_string" : $"map_{name}_string_{count}", [.. parameters], CelType.AnyMap,
                (frame, arguments) => MapEdits.Select(frame, arguments[0], arguments[1..], isPick));
        }
        registry.Member(name, $"map_{name}_list", [CelType.AnyMap, CelType.List(CelType.String)], CelType.AnyMap,
            (frame, arguments) => frame.TryItems(arguments[1], out var names, out var error)
                ? MapEdits.Select(frame, arguments[0], names, isPick) : error);
    }

    private static CelValue Text(Frame frame, in CelValue size)
    {
        if (size.Kind == CelKind.String)
            return size;
        Span<byte> digits = stackalloc byte[20];
        size.AsInt.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        return frame.Arena.String(digits[..length]);
    }
}
