using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Weft.Generators;

/// <summary>Calls a lambda or method with the parameters that it asks for.</summary>
internal sealed class DelegateCode
{
    private const string Services = "global::Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions";
    private const string KeyedServices = "global::Microsoft.Extensions.DependencyInjection.ServiceProviderKeyedServiceExtensions";

    public DelegateCode(IMethodSymbol method)
    {
        var first = Event(method);
        Data = first is null || IsMessage(first) ? null : first;
        string arguments = string.Join(", ", method.Parameters.Select(Argument));
        string call = method.ReturnsVoid ? $"{{ handle({arguments}); return default; }}"
            : method.ReturnType.Is("System.Threading.Tasks.Task") ? $"new global::System.Threading.Tasks.ValueTask(handle({arguments}))"
            : $"handle({arguments})";
        Body = Data is null ? $"h.OnAny((message, delivery, cancellation) => {call});" : $"h.On<{Data.Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).Annotated()}>((data, delivery, cancellation) => {call});";
        var types = method.Parameters.Select(p => p.Type.Annotated()).Concat(method.ReturnsVoid ? [] : [method.ReturnType.Annotated()]);
        Type = $"global::System.{(method.ReturnsVoid ? "Action" : "Func")}<{string.Join(", ", types)}>";
    }

    /// <summary>The parameter that is the event's data; null when the handler takes any event as it is.</summary>
    public IParameterSymbol? Data { get; }

    /// <summary>The line of C#.</summary>
    public string Body { get; }

    /// <summary>The type that the compiler gives the delegate.</summary>
    public string Type { get; }

    /// <summary>Why a method cannot be called; null when it can.</summary>
    /// <param name="method">The method.</param>
    /// <param name="type">The type of the delegate, where it has a name of its own.</param>
    public static string? Refused(IMethodSymbol method, INamedTypeSymbol? type)
    {
        if (method.IsAsync && method.ReturnsVoid)
            return "it is async and returns nothing, so that its end could not be awaited; let it return Task or ValueTask";
        if (!method.ReturnsVoid && !method.ReturnType.Is("System.Threading.Tasks.Task") && !method.ReturnType.Is("System.Threading.Tasks.ValueTask"))
            return $"it returns {method.ReturnType.ToDisplayString()}; allowed are nothing, Task and ValueTask";
        if (method.Parameters.Length is 0 or > 16)
            return $"it has {method.Parameters.Length} parameters; allowed are 1 to 16, and the first is the event's data";
        if (method.Parameters.FirstOrDefault(p => p.RefKind != RefKind.None || p.IsParams || p.HasExplicitDefaultValue) is { } special)
            return $"'{special.Name}' is ref, in, out, params or has a default value, which a handler's parameters cannot";
        if ((type?.Hidden() ?? method.Parameters.Select(p => p.Type.Hidden()).FirstOrDefault(why => why is not null)) is { } hidden)
            return hidden;
        var marked = method.Parameters.Count(IsMarked);
        if (marked > 1)
            return $"{marked} parameters have [EventData]; allowed is one";
        return Event(method) switch
        {
            null => "no parameter is the event: let the first one be its data, or Message for any event",
            { Type.TypeKind: TypeKind.Interface or TypeKind.Delegate } data => $"'{data.Name}' is {data.Type.ToDisplayString()}, which cannot be the event's data: let the data, or Message, come first, or mark it with [EventData]",
            _ => null,
        };
    }

    // What the handler takes: what is marked, else the first that does not only say how the event came.
    private static IParameterSymbol? Event(IMethodSymbol method) =>
        method.Parameters.FirstOrDefault(IsMarked) ?? method.Parameters.FirstOrDefault(p => !IsDelivery(p) && !IsCancellation(p));

    private string Argument(IParameterSymbol parameter)
    {
        if (SymbolEqualityComparer.Default.Equals(parameter, Data))
            return "data";
        if (IsMessage(parameter))
            return "delivery.Message";
        if (IsDelivery(parameter))
            return "delivery";
        if (IsCancellation(parameter))
            return "cancellation";
        if (parameter.Type.Is("System.IServiceProvider"))
            return "delivery.Services";
        string required = parameter.NullableAnnotation == NullableAnnotation.Annotated ? "" : "Required";
        var key = parameter.GetAttributes().FirstOrDefault(a => a.AttributeClass.Is("Microsoft.Extensions.DependencyInjection.FromKeyedServicesAttribute"));
        string type = parameter.Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).Annotated();
        return key?.ConstructorArguments.FirstOrDefault() is { IsNull: false } value
            ? $"{KeyedServices}.Get{required}KeyedService<{type}>(delivery.Services, {value.ToCSharpString()})"
            : $"{Services}.Get{required}Service<{type}>(delivery.Services)";
    }

    private static bool IsMarked(IParameterSymbol parameter) => parameter.GetAttributes().Any(a => a.AttributeClass.Is(Symbols.Bus + "EventDataAttribute"));

    private static bool IsMessage(IParameterSymbol parameter) => parameter.Type.Is("Weft.Messages.Message");

    private static bool IsDelivery(IParameterSymbol parameter) => parameter.Type.Is(Symbols.Bus + "DeliveryContext");

    private static bool IsCancellation(IParameterSymbol parameter) => parameter.Type.Is("System.Threading.CancellationToken");
}
