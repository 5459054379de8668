namespace Weft.Expressions.Checking;

/// <summary>Types as problems name them: by the word with which an expression makes one.</summary>
internal static class TypeText
{
    public static string Of(CelType type) => type.Kind switch
    {
        CelTypeKind.Timestamp => "timestamp",
        CelTypeKind.Duration => "duration",
        CelTypeKind.Null => "null",
        CelTypeKind.Optional => $"optional({Of(type.Parameters[0])})",
        CelTypeKind.Parameter when type.Variable >= 0 => "dyn",
        _ when type.Parameters.IsEmpty => type.Name,
        _ => $"{type.Name}({string.Join(", ", type.Parameters.Select(Of))})",
    };

    /// <summary>Without what it is made of: <c>list</c>, <c>optional</c>.</summary>
    public static string Short(CelType type) => type.Kind == CelTypeKind.Optional ? "optional" : type.Parameters.IsEmpty ? Of(type) : type.Name;

    /// <summary>With the article in front, to begin a sentence.</summary>
    public static string WithArticle(CelType type) => Of(type) is var text && text[0] is 'a' or 'e' or 'i' or 'o' ? $"An {text}" : $"A {text}";
}
