using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Weft.Generators;

/// <summary>A <c>JsonSerializerContext</c>.</summary>
/// <param name="Type">Its full name; empty when Weft is given it by hand, or when generated code cannot name it: then it covers nothing.</param>
/// <param name="Covered">The types that it has metadata for.</param>
internal record struct JsonContext(string Type, EquatableArray<string> Covered)
{
    private const int MaxTypes = 2000;

    /// <summary>Whether an invocation may be <c>weft.Json(…)</c>.</summary>
    public static bool MayBe(SyntaxNode node) =>
        node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Json" }, ArgumentList.Arguments.Count: 1 };

    /// <summary>A context of this project.</summary>
    public static JsonContext Of(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        return type.Hidden() is null && !type.IsGenericType ? new(type.Full(), Covers(type, cancellation)) : new("", default);
    }

    /// <summary>A context that Weft is given by hand; null when it is another call.</summary>
    public static JsonContext? Given(GeneratorSyntaxContext context, CancellationToken cancellation)
    {
        var call = (InvocationExpressionSyntax)context.Node;
        return context.SemanticModel.GetSymbolInfo(call, cancellation).Symbol is IMethodSymbol method && method.ContainingType.Is("Weft.WeftBuilder")
            && context.SemanticModel.GetTypeInfo(call.ArgumentList.Arguments[0].Expression, cancellation).Type is INamedTypeSymbol type
            ? new("", Covers(type, cancellation))
            : null;
    }

    // What is named, and what that holds.
    private static EquatableArray<string> Covers(INamedTypeSymbol context, CancellationToken cancellation)
    {
        var covered = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        var left = new Stack<ITypeSymbol>(
            from attribute in context.GetAttributes()
            where attribute.AttributeClass.Is("System.Text.Json.Serialization.JsonSerializableAttribute")
            select attribute.ConstructorArguments.FirstOrDefault().Value as ITypeSymbol);
        while (left.Count > 0 && covered.Count < MaxTypes)
        {
            cancellation.ThrowIfCancellationRequested();
            if (left.Pop() is not { } type || !covered.Add(type))
                continue;
            foreach (var part in Parts(type))
                left.Push(part);
        }
        return EquatableArray<string>.Of(covered.Select(Symbols.Full).OrderBy(name => name, StringComparer.Ordinal));
    }

    private static IEnumerable<ITypeSymbol> Parts(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => [array.ElementType],
        INamedTypeSymbol named when named.ContainingNamespace?.ToDisplayString().StartsWith("System", StringComparison.Ordinal) == true => named.TypeArguments,
        INamedTypeSymbol named => named.GetMembers().OfType<IPropertySymbol>().Where(p => p is { IsStatic: false, DeclaredAccessibility: Accessibility.Public }).Select(p => p.Type),
        _ => [],
    };
}
