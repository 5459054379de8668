using Weft.Expressions.Syntax;

namespace Weft.Expressions.Library;

/// <summary>All that an expression of Weft may call: the standard of CEL, its extensions, and Weft's own functions.</summary>
internal static class Libraries
{
    /// <summary>Everything, without a service that scales images.</summary>
    public static Registry All { get; } = Create(imageTemplate: null);

    /// <summary>Everything, as a file says it.</summary>
    /// <param name="imageTemplate"><c>server.images</c>; null when it says nothing.</param>
    public static Registry Create(string? imageTemplate)
    {
        var registry = new Registry();
        Register(registry, imageTemplate);
        return registry;
    }

    /// <summary>Declares everything in a registry that may have more.</summary>
    public static void Register(Registry registry, string? imageTemplate)
    {
        LoopMacros.Register(registry);
        LoopMacros.RegisterTwoVariables(registry);
        BindMacros.Register(registry);
        MathMacros.Register(registry);
        StandardLibrary.Register(registry);
        MixedNumbers.Register(registry);
        TimeLibrary.Register(registry);
        DecimalLibrary.Register(registry);
        StringLibrary.Register(registry);
        MathLibrary.Register(registry);
        EncodersLibrary.Register(registry);
        ListsLibrary.Register(registry);
        SetsLibrary.Register(registry);
        OptionalLibrary.Register(registry);
        RegexLibrary.Register(registry);
        WeftLibrary.Register(registry, imageTemplate);
        SumFunction.Register(registry);
    }
}
