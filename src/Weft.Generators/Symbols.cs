using Microsoft.CodeAnalysis;

namespace Weft.Generators;

/// <summary>Types as generated code names them.</summary>
internal static class Symbols
{
    public const string Bus = "Weft.EventBus.";

    private static readonly SymbolDisplayFormat s_annotated = SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The full name, from <c>global::</c>, with what may be null.</summary>
    public static string Annotated(this ITypeSymbol type) => type.ToDisplayString(s_annotated);

    /// <summary>The full name, from <c>global::</c>.</summary>
    public static string Full(this ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    /// <summary>The name with its namespace, to compare with.</summary>
    public static bool Is(this ITypeSymbol? type, string name) => type is not null && type.ToDisplayString() == name;

    /// <summary>Why generated code in the same project cannot name a type; null when it can.</summary>
    public static string? Hidden(this ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol => $"'{type.Name}' is a type parameter; say the type itself",
        IArrayTypeSymbol array => array.ElementType.Hidden(),
        IErrorTypeSymbol => $"'{type.Name}' is not known",
        INamedTypeSymbol named => HiddenNamed(named),
        _ => $"'{type.ToDisplayString()}' is not a type that a parameter of a handler can have",
    };

    /// <summary>The types of data that a class handles.</summary>
    public static IEnumerable<ITypeSymbol> HandledBy(INamedTypeSymbol type) =>
        from one in type.AllInterfaces
        where one.OriginalDefinition.ToDisplayString() == Bus + "IHandle<T>"
        select one.TypeArguments[0];

    private static string? HiddenNamed(INamedTypeSymbol type)
    {
        for (var at = type; at is not null; at = at.ContainingType)
        {
            if (at.IsAnonymousType)
                return "an anonymous type has no name";
            if (at.IsFileLocal)
                return $"'{at.Name}' is local to its file; make it internal";
            if (at.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal)
                return $"'{at.Name}' is {(at.DeclaredAccessibility is Accessibility.Private ? "private" : "protected")}; make it internal";
            if (at.TypeArguments.Select(Hidden).FirstOrDefault(why => why is not null) is { } inside)
                return inside;
        }
        return null;
    }
}
