using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Expressions.Checking;

/// <summary>Operators and calls as people write them.</summary>
internal static class OperatorText
{
    /// <summary>The sign of an operator; null for functions.</summary>
    public static string? SignOf(string function) => function switch
    {
        Operators.Conditional => "?",
        Operators.And => "&&",
        Operators.Or => "||",
        Operators.Not or Operators.NotStrictlyFalse => "!",
        Operators.Negate or Operators.Subtract => "-",
        Operators.Equal => "==",
        Operators.NotEqual => "!=",
        Operators.Less => "<",
        Operators.LessOrEqual => "<=",
        Operators.Greater => ">",
        Operators.GreaterOrEqual => ">=",
        Operators.Add => "+",
        Operators.Multiply => "*",
        Operators.Divide => "/",
        Operators.Modulo => "%",
        Operators.Index => "[",
        Operators.OptionalIndex => "[?",
        Operators.OptionalSelect => ".?",
        Operators.In => "in",
        _ => null,
    };

    /// <summary>An overload as it is called: <c>int + int</c>, <c>string.contains(string)</c>.</summary>
    public static string Of(Function function, Overload overload) => Of(function.Name, overload.IsMember, overload.Parameters);

    /// <summary>A call of arguments of these types; of members the target first.</summary>
    public static string Of(string function, bool isMember, ReadOnlySpan<CelType> types)
    {
        var texts = new string[types.Length];
        for (var i = 0; i < types.Length; i++)
            texts[i] = TypeText.Of(types[i]);
        return function switch
        {
            Operators.Conditional => $"{texts[0]} ? {texts[1]} : {texts[2]}",
            Operators.Index => $"{texts[0]}[{texts[1]}]",
            Operators.OptionalIndex => $"{texts[0]}[?{texts[1]}]",
            Operators.Not or Operators.Negate or Operators.NotStrictlyFalse => SignOf(function) + texts[0],
            _ when SignOf(function) is { } sign => $"{texts[0]} {sign} {texts[1]}",
            _ when isMember => $"{texts[0]}.{function}({string.Join(", ", texts.Skip(1))})",
            _ => $"{function}({string.Join(", ", texts)})",
        };
    }
}
