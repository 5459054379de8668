using Weft.Expressions.Library;

namespace Weft.Expressions.Syntax;

/// <summary>
/// <c>cel.bind(name, value, body)</c> of the extension "bindings", and <c>optMap</c> and <c>optFlatMap</c> of the extension "optionals": each
/// gives a value a name. The value is evaluated once.
/// </summary>
internal static class BindMacros
{
    private const string Optional = "@optional";

    public static void Register(Registry registry)
    {
        registry.Macro(new Macro("bind", IsMember: true, 3, Bind));
        registry.Macro(new Macro("optMap", IsMember: true, 2, (c, p, t, a) => OptionalMap(c, p, t!, a, wraps: true)));
        registry.Macro(new Macro("optFlatMap", IsMember: true, 2, (c, p, t, a) => OptionalMap(c, p, t!, a, wraps: false)));
    }

    /// <summary>Whether a target is a namespace: <c>cel</c> in <c>cel.bind</c>.</summary>
    public static bool Is(Expr? target, string name) => target is NameExpr found && found.Name == name;

    private static ComprehensionExpr? Bind(MacroContext context, TextSpan place, Expr? target, Expr[] arguments)
    {
        if (!Is(target, "cel") || !LoopVariables.TryRead(context, arguments.AsSpan(0, 1), out var variables))
            return null;
        return new MacroNodes(context, place).Bind(variables.First, arguments[1], arguments[2]);
    }

    private static ComprehensionExpr? OptionalMap(MacroContext context, TextSpan place, Expr target, Expr[] arguments, bool wraps)
    {
        if (!LoopVariables.TryRead(context, arguments.AsSpan(0, 1), out var variables))
            return null;
        var make = new MacroNodes(context, place);
        Expr found = make.Bind(variables.First, make.Method(make.Name(Optional), "value"), arguments[1]);
        if (wraps)
            found = make.Call("optional.of", found);
        return make.Bind(Optional, target, make.Call(Operators.Conditional, make.Method(make.Name(Optional), "hasValue"), found, make.Call("optional.none")));
    }
}
