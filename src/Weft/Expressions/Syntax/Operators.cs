namespace Weft.Expressions.Syntax;

/// <summary>The names that operators have as functions, as in all implementations of CEL.</summary>
internal static class Operators
{
    public const string Conditional = "_?_:_";
    public const string And = "_&&_";
    public const string Or = "_||_";
    public const string Not = "!_";
    public const string Negate = "-_";
    public const string Equal = "_==_";
    public const string NotEqual = "_!=_";
    public const string Less = "_<_";
    public const string LessOrEqual = "_<=_";
    public const string Greater = "_>_";
    public const string GreaterOrEqual = "_>=_";
    public const string Add = "_+_";
    public const string Subtract = "_-_";
    public const string Multiply = "_*_";
    public const string Divide = "_/_";
    public const string Modulo = "_%_";
    public const string Index = "_[_]";
    public const string OptionalIndex = "_[?_]";
    public const string OptionalSelect = "_?._";
    public const string In = "@in";
    public const string NotStrictlyFalse = "@not_strictly_false";

    /// <summary>Adds an entry, or all entries of a map, to the map that <c>transformMap</c> and <c>transformMapEntry</c> build.</summary>
    public const string MapInsert = "cel.@mapInsert";

    /// <summary>As it is written in an expression: <c>+</c> for <c>_+_</c>; other names are what they are.</summary>
    public static string Show(string function) => function switch
    {
        Conditional => "?:",
        Index => "[]",
        OptionalIndex => "[?]",
        OptionalSelect => ".?",
        In => "in",
        _ => function.Trim('_'),
    };
}
