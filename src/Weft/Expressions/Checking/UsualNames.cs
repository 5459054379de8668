namespace Weft.Expressions.Checking;

/// <summary>What people know from other languages and from other engines of CEL, and how it is written here.</summary>
internal static class UsualNames
{
    /// <summary>How a value is written that has another name elsewhere; null when there is none.</summary>
    public static string? Value(string name) => name switch
    {
        "True" or "TRUE" => "true",
        "False" or "FALSE" => "false",
        "nil" or "None" or "Null" or "NULL" or "undefined" => "null",
        "now" => "event.time, or a time that the data bring: expressions have no clock, so that they give the same again for the same event",
        _ => null,
    };

    /// <summary>How a function is written that has another name elsewhere; null when there is none.</summary>
    public static string? Function(string name) => name switch
    {
        "toLowerCase" or "toLower" or "lower" or "lowercase" => "text.lowerAscii()",
        "toUpperCase" or "toUpper" or "upper" or "uppercase" => "text.upperAscii()",
        "length" or "len" or "count" => "size(x)",
        "isEmpty" or "empty" => "size(x) == 0",
        "any" or "some" => "list.exists(x, …)",
        "every" => "list.all(x, …)",
        "select" or "forEach" => "list.map(x, …)",
        "where" => "list.filter(x, …)",
        "includes" => "x in list, or text.contains('…')",
        "str" or "toString" or "to_string" => "string(x)",
        "parseInt" or "toInt" or "integer" => "int(x)",
        "float" or "parseFloat" or "number" => "double(x), or for money decimal(x)",
        "date" or "datetime" or "parseDate" => "timestamp('2026-01-31T12:00:00Z')",
        "now" => "event.time, or a time that the data bring: expressions have no clock, so that they give the same again for the same event",
        "abs" or "ceil" or "floor" or "trunc" or "sqrt" or "sign" => $"math.{name}(x)",
        "max" or "math.max" => "math.greatest(a, b), which takes a list too",
        "min" or "math.min" => "math.least(a, b), which takes a list too",
        "math.sum" or "lists.sum" => "list.sum()",
        "coalesce" or "default" or "ifNull" => "a.?b.orValue('none')",
        "concat" => "a + b",
        "isMatch" or "regex.match" or "regex.matches" => "text.matches('…')",
        _ => null,
    };

    /// <summary>Whether it stands for a macro, whose variable means nothing without it.</summary>
    public static bool IsMacro(string name) => name is "any" or "some" or "every" or "select" or "forEach" or "where";
}
