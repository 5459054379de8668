using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Weft.Generators;

/// <summary>A call of <c>Subscribe</c> or <c>Handler</c> that the generator puts its own code in the place of.</summary>
/// <param name="Location">The attribute that says where the call is.</param>
/// <param name="Display">The same for people.</param>
/// <param name="Verb">The method.</param>
/// <param name="IsClass">Whether a class handles; else a delegate does.</param>
/// <param name="Body">What is said to the <c>HandlerBuilder</c>, as lines of C#.</param>
/// <param name="Cast">The type of the delegate; empty for a class.</param>
/// <param name="Uses">The data that is handled.</param>
/// <param name="Problems">Why it cannot be; then nothing is put in its place.</param>
internal record struct HandlerCall(
    string Location, string Display, string Verb, bool IsClass, string Body, string Cast, EquatableArray<EventUse> Uses, EquatableArray<Problem> Problems)
{
    /// <summary>Whether an invocation may be one.</summary>
    public static bool MayBe(SyntaxNode node) =>
        node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Subscribe" or "Handler" } };

    /// <summary>The call; null when it is another.</summary>
    public static HandlerCall? Of(GeneratorSyntaxContext context, CancellationToken cancellation)
    {
        var call = (InvocationExpressionSyntax)context.Node;
        var model = context.SemanticModel;
        if (model.GetSymbolInfo(call, cancellation).Symbol is not IMethodSymbol method || !method.ContainingType.Is("Weft.WeftBuilder"))
            return null;
        var handler = method.Parameters.FirstOrDefault(p => p.Type.Is("System.Delegate"));
        if (handler is null && !method.IsGenericMethod)
            return null;

        var found = handler is null ? OfClass(call, method) : OfDelegate(call, model, handler, cancellation);
        if (!found.Problems.Any() && model.GetInterceptableLocation(call, cancellation) is { } location)
            (found.Location, found.Display) = (location.GetInterceptsLocationAttributeSyntax(), location.GetDisplayLocation());
        found.Verb = method.Name;
        return found;
    }

    private static HandlerCall OfClass(InvocationExpressionSyntax call, IMethodSymbol method)
    {
        var place = ((MemberAccessExpressionSyntax)call.Expression).Name;
        var found = HandlerClass.Handled(method.TypeArguments[0], place);
        return new() { IsClass = true, Body = $"h{found.Routes};", Cast = "", Uses = found.Uses, Problems = found.Problems };
    }

    private static HandlerCall OfDelegate(InvocationExpressionSyntax call, SemanticModel model, IParameterSymbol parameter, CancellationToken cancellation)
    {
        var given = call.ArgumentList.Arguments.First(a => a.NameColon is { } named
            ? named.Name.Identifier.ValueText == parameter.Name
            : call.ArgumentList.Arguments.IndexOf(a) == parameter.Ordinal).Expression;
        var (invoked, type) = Invoked(given, model, cancellation);
        if (invoked is null)
            return Refuse(given, "its parameters cannot be seen: give a lambda, a method, or a variable of a type such as Func<…>");
        if (DelegateCode.Refused(invoked, type) is { } why)
            return Refuse(given, why);

        var code = new DelegateCode(invoked);
        return new()
        {
            Body = code.Body,
            Cast = type?.Annotated() ?? code.Type,
            Uses = code.Data is { } data ? EquatableArray<EventUse>.Of([EventUse.Of(data.Type, given)]) : default,
        };
    }

    // What is called, and the type of the delegate where it has a name of its own.
    private static (IMethodSymbol? Invoked, INamedTypeSymbol? Type) Invoked(ExpressionSyntax given, SemanticModel model, CancellationToken cancellation)
    {
        while (given is ParenthesizedExpressionSyntax inner)
            given = inner.Expression;
        if (given is AnonymousFunctionExpressionSyntax)
            return (model.GetSymbolInfo(given, cancellation).Symbol as IMethodSymbol, null);
        var group = model.GetMemberGroup(given, cancellation);
        if (group.Length > 0)
            return (model.GetSymbolInfo(given, cancellation).Symbol as IMethodSymbol ?? (group.Length == 1 ? group[0] as IMethodSymbol : null), null);
        return model.GetTypeInfo(given, cancellation).Type is INamedTypeSymbol { DelegateInvokeMethod: { } invoke } type ? (invoke, type) : (null, null);
    }

    private static HandlerCall Refuse(SyntaxNode place, string why) =>
        new() { Body = "", Cast = "", Problems = EquatableArray<Problem>.Of([Problem.At(place, Generators.Problems.NotCompiled, $"Weft cannot call this handler: {why}.")]) };
}
