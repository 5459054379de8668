using Weft.Expressions.Library;

namespace Weft.Expressions.Syntax;

/// <summary><c>math.greatest</c> and <c>math.least</c> of the extension "math", which take any number of arguments or one list.</summary>
internal static class MathMacros
{
    public static void Register(Registry registry)
    {
        registry.Macro(new Macro("greatest", IsMember: true, null, (c, p, t, a) => Expand(c, p, t, a, "greatest", "math.@max")));
        registry.Macro(new Macro("least", IsMember: true, null, (c, p, t, a) => Expand(c, p, t, a, "least", "math.@min")));
    }

    private static CallExpr? Expand(MacroContext context, TextSpan place, Expr? target, Expr[] arguments, string name, string function)
    {
        if (!BindMacros.Is(target, "math"))
            return null;
        var make = new MacroNodes(context, place);
        if (arguments.Length == 0)
        {
            context.Report(place, $"math.{name}() needs at least one number, or a list of numbers.");
            return null;
        }
        var numbers = arguments is [ListExpr list] ? list.Items : arguments;
        if (arguments.Length == 1 && numbers.Length == 0)
        {
            context.Report(arguments[0].Place, $"math.{name}() needs a list with at least one number.");
            return null;
        }
        foreach (var number in numbers)
        {
            if (number is LiteralExpr { Value.Kind: not (CelKind.Int or CelKind.UInt or CelKind.Double) } or MapExpr or StructExpr || (number is ListExpr && arguments.Length > 1))
            {
                context.Report(number.Place, $"math.{name}() takes numbers only.");
                return null;
            }
        }
        return make.Call(function, arguments.Length > 2 ? [make.List(arguments)] : arguments);
    }
}
