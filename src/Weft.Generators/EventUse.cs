using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Weft.Generators;

/// <summary>A type of data that is handled or published somewhere.</summary>
internal record struct EventUse(string Type, string Name, Problem NoJson, Problem? NoLogicalName)
{
    private static readonly string[] s_verbs = ["On", "PublishAsync", "PublishAllAsync", "ScheduleAsync", "Create", "Read"];

    private static readonly string[] s_places = [Symbols.Bus + "TypedPublishing", Symbols.Bus + "HandlerBuilder", Symbols.Bus + "EventFactory"];

    /// <summary>Whether an invocation may publish or handle data by a type argument.</summary>
    public static bool MayBe(SyntaxNode node) =>
        node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } && s_verbs.Contains(access.Name.Identifier.ValueText);

    /// <summary>The data of such a call; null when it is another.</summary>
    public static EventUse? Of(GeneratorSyntaxContext context, CancellationToken cancellation)
    {
        var call = (InvocationExpressionSyntax)context.Node;
        return context.SemanticModel.GetSymbolInfo(call, cancellation).Symbol is IMethodSymbol { IsGenericMethod: true } method
            && s_places.Contains(method.ContainingType.ToDisplayString())
            && method.TypeArguments[0] is INamedTypeSymbol type && Counts(type)
            ? Of(type, ((MemberAccessExpressionSyntax)call.Expression).Name)
            : null;
    }

    /// <summary>The data of a handler.</summary>
    public static EventUse Of(ITypeSymbol type, SyntaxNode place)
    {
        var named = type.GetAttributes().Any(a => a.AttributeClass.Is(Symbols.Bus + "EventTypeAttribute"));
        return new(
            type.Full(),
            type.Name,
            Problem.At(place, Problems.NoJson, $"There is no source-generated JSON metadata for {type.Name}: add [JsonSerializable(typeof({Short(type)}))] to a JsonSerializerContext of this project, or name one by .Json(…Default) where Weft is set up. Without it reflection is used, and where that is off, an exception says so."),
            named || type is INamedTypeSymbol { IsGenericType: true } ? null : Problem.At(place, Problems.NoLogicalName, $"Events of {type.Name} have the type '{type.Name}', and renaming the class changes it: add [EventType(\"…\")] to it."));
    }

    // The static type may be a base or object: what counts is known when it runs.
    private static bool Counts(INamedTypeSymbol type) =>
        !type.IsAbstract && type.TypeKind is TypeKind.Class or TypeKind.Struct or TypeKind.Enum && type.SpecialType == SpecialType.None && !type.IsAnonymousType;

    private static string Short(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);
}
