using Weft.Diagnostics;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Expressions.Checking;

/// <summary>What to say about names and calls that mean nothing: what is allowed there and what was probably meant.</summary>
internal static class Remedy
{
    // So many are shown; more would not be read.
    private const int Shown = 6;

    public static string UnknownName(string name, Scope scope, IEnumerable<string> locals)
    {
        var bare = name.TrimStart('.');
        var below = scope.Names.Concat(scope.Registry.Functions.Keys).Where(other => other.StartsWith(bare + ".", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(Shown).ToArray();
        if (below.Length > 0)
            return $"'{bare}' is no name by itself. Names that begin with it: {string.Join(", ", below)}.";
        if (scope.Registry.Functions.ContainsKey(bare))
            return $"'{bare}' is a function: call it with parentheses.";
        if (UsualNames.Value(bare) is { } value)
            return $"Unknown name '{bare}'. Write {value}.";
        var near = Nearest.To(bare, [.. locals.Where(IsReadable), .. scope.Names]);
        if (near is not null)
            return $"Unknown name '{bare}'.{Nearest.Hint(near)}";
        return Variables(scope, out var all)
            ? $"Unknown name '{bare}'. Here are: {all}. A text stands in quotes: '{bare}'."
            : $"Unknown name '{bare}'. There are no variables here{(scope.WhereVariablesComeFrom is { } source ? $": {source}" : "")}. A text stands in quotes: '{bare}'.";
    }

    public static string UnknownFunction(string name, CallExpr call, Scope scope)
    {
        var macro = scope.Registry.MacroNames.Contains(name);
        if (macro)
        {
            var count = call.Arguments.Length;
            return call.Target is null
                ? $"'{name}' is called on a list or map: items.{name}(…)."
                : $"'{name}' does not take {count} argument{(count == 1 ? "" : "s")}.";
        }
        if (UsualNames.Function(name) is { } usual)
            return $"Unknown function '{name}'. Write {usual}.";
        if (NearestFunction(name, scope) is { } near)
            return $"Unknown function '{name}'.{Nearest.Hint(near)}";
        var dot = name.LastIndexOf('.');
        string[] beside = dot < 0 ? [] : [.. Beside(name[..(dot + 1)], scope)];
        return $"Unknown function '{name}'.{(beside.Length == 0 ? "" : $" There are: {string.Join(", ", beside.Take(2 * Shown))}{(beside.Length > 2 * Shown ? " and others" : "")}.")}";
    }

    /// <summary>The functions whose names begin so.</summary>
    public static IEnumerable<string> Beside(string prefix, Scope scope) =>
        scope.Registry.Functions.Keys.Where(other => other.StartsWith(prefix, StringComparison.Ordinal) && !other.Contains('@', StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>The function or macro with the nearest name; null when none is near.</summary>
    public static string? NearestFunction(string name, Scope scope) =>
        Nearest.To(name, scope.Registry.Functions.Keys.Where(IsReadable).Concat(scope.Registry.MacroNames));

    /// <summary>Whether a name is that of a macro or was probably meant so.</summary>
    public static bool IsNearMacro(string name, Scope scope) =>
        UsualNames.IsMacro(name) || scope.Registry.MacroNames.Contains(name) || (NearestFunction(name, scope) is { } near && scope.Registry.MacroNames.Contains(near));

    public static string NoBool(CelType given) => $"Here a bool is wanted; this is {(given.Kind == CelTypeKind.Optional ? "optional" : TypeText.Of(given))}.{Condition(given)}";

    /// <summary>How a value of a type becomes true or false; nothing when there is no usual way.</summary>
    public static string Condition(CelType given) => given.Kind switch
    {
        CelTypeKind.String => " Compare it: … != ''.",
        CelTypeKind.Int or CelTypeKind.UInt or CelTypeKind.Double or CelTypeKind.Decimal => " Compare it: … != 0.",
        CelTypeKind.List or CelTypeKind.Map => " Ask for its size: size(…) > 0.",
        CelTypeKind.Optional => " Ask whether it is there: ….hasValue(), or give a value for when it is not: ….orValue(false).",
        _ => "",
    };

    /// <summary>When no overload fits: what was given, what would fit, and how to get there.</summary>
    /// <param name="call">The call.</param>
    /// <param name="function">What it calls.</param>
    /// <param name="typeOf">The type of an argument.</param>
    public static string NoOverload(CallExpr call, Function function, Func<Expr, CelType> typeOf)
    {
        Expr[] arguments = call.Target is null ? call.Arguments : [call.Target, .. call.Arguments];
        var types = Array.ConvertAll(arguments, argument => typeOf(argument));
        var name = OperatorText.SignOf(function.Name) ?? function.Name;
        return $"'{name}' does not take {OperatorText.Of(function.Name, call.Target is not null, types)}."
            + $" It takes {Accepted(function, types, call.Target is not null)}.{How(function.Name, types)}";
    }

    /// <summary>The overloads, those first that have something in common with what was given.</summary>
    private static string Accepted(Function function, CelType[] types, bool isMember)
    {
        // Types in common count, the first most.
        int Common(Overload overload) =>
            overload.Parameters.Length != types.Length || overload.IsMember != isMember ? 0
            : 1 + overload.Parameters.Select((parameter, i) => parameter.Kind != types[i].Kind ? 0 : i == 0 ? 3 : 2).Sum();
        var all = function.Overloads.OrderByDescending(Common).ToArray();
        var near = all.Where(overload => Common(overload) > 1).ToArray();
        var shown = near.Length > 0 ? near : all;
        var text = string.Join(", ", shown.Take(Shown).Select(overload => OperatorText.Of(function, overload)).Distinct());
        return shown.Length > Shown || shown.Length < all.Length ? text + " and others" : text;
    }

    /// <summary>How two values that an operator does not take become such that it takes; nothing when there is no such way.</summary>
    public static string How(string function, ReadOnlySpan<CelType> types)
    {
        if (types.Length == 3 && function == Operators.Conditional)
            return " Both results must have one type; dyn(…) lifts that.";
        if (types.Length != 2 || OperatorText.SignOf(function) is null)
            return "";
        var (a, b) = (types[0].Kind, types[1].Kind);
        if (function == Operators.In)
            return b == CelTypeKind.String ? " To look for a text in a text: text.contains(part)." : "";
        if (a == CelTypeKind.Null || b == CelTypeKind.Null)
            return " What is compared with null must be able to be null: dyn(…) lifts the check.";
        if (a == CelTypeKind.String || b == CelTypeKind.String)
        {
            var other = a == CelTypeKind.String ? types[1] : types[0];
            return other.Kind switch
            {
                CelTypeKind.Int or CelTypeKind.UInt or CelTypeKind.Double or CelTypeKind.Decimal when function != Operators.Add =>
                    $" Convert one side: string(…) or {TypeText.Of(other)}(…).",
                CelTypeKind.Timestamp or CelTypeKind.Duration when function != Operators.Add => $" Read the text: {TypeText.Of(other)}(…).",
                CelTypeKind.List or CelTypeKind.Map => "",
                _ => " Make a text of the other side: string(…).",
            };
        }
        return IsNumber(a) && IsNumber(b) && a != b ? $" Convert one side: {TypeText.Of(types[0])}(…) or {TypeText.Of(types[1])}(…)." : "";
    }

    private static bool IsNumber(CelTypeKind kind) => kind is CelTypeKind.Int or CelTypeKind.UInt or CelTypeKind.Double or CelTypeKind.Decimal;

    /// <summary>Names that can be written; operators and the variables of macros cannot.</summary>
    private static bool IsReadable(string name) => name[0] is not ('_' or '!' or '-' or '#') && !name.Contains('@');

    private static bool Variables(Scope scope, out string all)
    {
        var names = scope.Names.Where(name => scope.Find("." + name) is VariableDeclaration).Order(StringComparer.Ordinal).ToArray();
        all = string.Join(", ", names.Take(Shown)) + (names.Length > Shown ? " and others" : "");
        return names.Length > 0;
    }
}
