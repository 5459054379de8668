using System.Globalization;
using System.Reflection;

namespace Weft.Integration.Tests.Repository;

/// <summary>Types as C# writes them, without their namespaces, with <c>?</c> where null may be.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    /// <summary>The type of a member with what is known about null.</summary>
    public static string Of(NullabilityInfo info)
    {
        var type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Of(value) + "?";

        var mark = CanSayNull(type) && (info.ReadState == NullabilityState.Nullable || info.WriteState == NullabilityState.Nullable) ? "?" : "";
        if (type.IsArray && info.ElementType is { } element)
            return $"{Of(element)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        return type.IsGenericType && info.GenericTypeArguments.Length == type.GetGenericArguments().Length && !type.IsByRefLike
            ? Generic(type, [.. info.GenericTypeArguments.Select(Of)]) + mark
            : Of(type) + mark;
    }

    /// <summary>The type without what is known about null.</summary>
    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Of(value) + "?";
        if (type.IsByRef || type.IsPointer)
            return Of(type.GetElementType()!) + (type.IsPointer ? "*" : "");
        if (type.IsArray)
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        return type.IsGenericParameter ? type.Name : Generic(type, [.. type.GetGenericArguments().Select(Of)]);
    }

    /// <summary>A parameter without a constraint can be null or not by its argument, and what is known says nothing.</summary>
    private static bool CanSayNull(Type type) => type.IsGenericParameter
        ? type.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)
        : !type.IsValueType;

    /// <summary>A constant as C# writes it.</summary>
    public static string Constant(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        Enum member => $"{member.GetType().Name}.{member}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>The name with those of the types around it; the arguments go to the innermost.</summary>
    private static string Generic(Type type, string[] arguments)
    {
        if (typeof(System.Runtime.CompilerServices.ITuple).IsAssignableFrom(type) && type.IsValueType)
            return $"({string.Join(", ", arguments)})";
        var name = type.Name.Split('`')[0];
        var own = arguments.Length - (type.DeclaringType?.GetGenericArguments().Length ?? 0);
        if (own > 0)
            name += $"<{string.Join(", ", arguments[^own..])}>";
        return type.DeclaringType is { } outer ? $"{Generic(outer, arguments[..^own])}.{name}" : name;
    }
}
