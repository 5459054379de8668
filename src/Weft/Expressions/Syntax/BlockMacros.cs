using System.Globalization;
using Weft.Expressions.Library;

namespace Weft.Expressions.Syntax;

/// <summary>
/// <c>cel.block([a, b, …], body)</c> with <c>cel.index(n)</c>, <c>cel.iterVar</c> and <c>cel.accuVar</c>: what optimizers of CEL write for
/// shared parts. Not offered to users of Weft; the official suite has tests of them.
/// </summary>
internal static class BlockMacros
{
    public static void Register(Registry registry)
    {
        registry.Macro(new Macro("block", IsMember: true, 2, Block));
        registry.Macro(new Macro("index", IsMember: true, 1, (c, p, t, a) => Variable(c, p, t, a, "@index")));
        registry.Macro(new Macro("iterVar", IsMember: true, 2, (c, p, t, a) => Variable(c, p, t, a, "@it")));
        registry.Macro(new Macro("accuVar", IsMember: true, 2, (c, p, t, a) => Variable(c, p, t, a, "@ac")));
    }

    /// <summary>Each part becomes a binding around the next; its errors show only where it is used.</summary>
    private static Expr? Block(MacroContext context, TextSpan place, Expr? target, Expr[] arguments)
    {
        if (!BindMacros.Is(target, "cel") || arguments[0] is not ListExpr parts)
            return null;
        var make = new MacroNodes(context, place);
        var body = arguments[1];
        for (var i = parts.Items.Length - 1; i >= 0; i--)
            body = make.Bind(string.Create(CultureInfo.InvariantCulture, $"@index{i}"), parts.Items[i], body);
        return body;
    }

    private static NameExpr? Variable(MacroContext context, TextSpan place, Expr? target, Expr[] arguments, string prefix) => BindMacros.Is(target, "cel")
        ? new MacroNodes(context, place).Name(prefix + string.Join(':', arguments.Select(a => a is LiteralExpr literal ? literal.Value.AsInt.ToString(CultureInfo.InvariantCulture) : "?")))
        : null;
}
