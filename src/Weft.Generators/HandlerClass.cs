using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Weft.Generators;

/// <summary>A class with <c>[Subscribe]</c>.</summary>
/// <param name="Subscriptions">Name and topic of each, with its place.</param>
/// <param name="Routes">Its types, as calls of the <c>HandlerBuilder</c>.</param>
/// <param name="Uses">The data that is handled.</param>
/// <param name="Problems">Why it cannot be.</param>
internal record struct HandlerClass(EquatableArray<Subscription> Subscriptions, string Routes, EquatableArray<EventUse> Uses, EquatableArray<Problem> Problems)
{
    /// <summary>The class.</summary>
    public static HandlerClass Of(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var place = ((BaseTypeDeclarationSyntax)context.TargetNode).Identifier;
        var subscriptions =
            from attribute in context.Attributes
            where attribute.ConstructorArguments.FirstOrDefault().Value is string
            let name = attribute.ConstructorArguments.Length > 1 ? attribute.ConstructorArguments[1].Value as string : null
            let at = attribute.ApplicationSyntaxReference?.GetSyntax(cancellation).GetLocation() ?? place.GetLocation()
            select new Subscription(
                name ?? Hyphenated(type.Name),
                (string)attribute.ConstructorArguments[0].Value!,
                Problem.At(at, Generators.Problems.SameName, $"Another class subscribes by the name '{name ?? Hyphenated(type.Name)}' too. Each subscription has its own durable name: [Subscribe(\"topic\", \"name\")]."));
        var found = Handled(type, context.TargetNode, place.GetLocation());
        return found with { Subscriptions = EquatableArray<Subscription>.Of(subscriptions) };
    }

    /// <summary>What a class handles.</summary>
    public static HandlerClass Handled(ITypeSymbol type, SyntaxNode place, Location? at = null)
    {
        at ??= place.GetLocation();
        var handled = type is INamedTypeSymbol named ? Symbols.HandledBy(named).ToArray() : [];
        string? why = (type is INamedTypeSymbol { IsDefinition: true, IsGenericType: true } ? $"'{type.Name}' is generic; derive one that is not" : null)
            ?? type.Hidden() ?? handled.Select(Symbols.Hidden).FirstOrDefault(hidden => hidden is not null)
            ?? (type.IsAbstract || type.TypeKind != TypeKind.Class ? $"'{type.Name}' cannot be made: it is abstract, static or no class" : null);
        var problem = why is not null ? Problem.At(at, Generators.Problems.NotCompiled, $"Weft cannot call this handler: {why}.")
            : handled.Length == 0 ? Problem.At(at, Generators.Problems.NoHandle, $"'{type.Name}' handles nothing: implement IHandle<T> for each type of data.")
            : (Problem?)null;
        return new(
            default,
            string.Concat(handled.Select(data => $".On<{data.Annotated()}, {type.Annotated()}>()")),
            problem is null ? EquatableArray<EventUse>.Of(handled.Select(data => EventUse.Of(data, place is BaseTypeDeclarationSyntax { BaseList: { } bases } ? bases : place))) : default,
            problem is { } one ? EquatableArray<Problem>.Of([one]) : default);
    }

    // OrderBilling: order-billing, HTTPBilling: http-billing.
    private static string Hyphenated(string name)
    {
        var text = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            bool begins = char.IsUpper(name[i]) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            text.Append(begins ? "-" : "").Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}

/// <summary>A subscription that an attribute asks for.</summary>
internal record struct Subscription(string Name, string Topic, Problem SameName);
