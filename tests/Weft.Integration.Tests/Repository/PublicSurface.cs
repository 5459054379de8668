using System.Reflection;
using System.Runtime.CompilerServices;

namespace Weft.Integration.Tests.Repository;

/// <summary>
/// Everything that a user of an assembly can name, one line each: what is public, and what is protected in types that can
/// be derived from. What the compiler adds to records by itself is left out, since the word record says it.
/// </summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The lines, sorted by namespace and type, so that a change in the source's order changes nothing.</summary>
    public static IEnumerable<string> Of(Assembly assembly) => Of(assembly.GetExportedTypes());

    /// <summary>The lines of some types.</summary>
    public static IEnumerable<string> Of(IEnumerable<Type> types)
    {
        foreach (var type in types.OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            yield return $"{type.Namespace}: {Head(type)}";
            if (typeof(Delegate).IsAssignableFrom(type))
                continue;
            foreach (var member in type.GetMembers(Declared).Select(Line).OfType<string>().Distinct().Order(StringComparer.Ordinal))
                yield return "  " + member;
        }
    }

    private static string Head(Type type)
    {
        var name = TypeNames.Of(type);
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"delegate {TypeNames.Of(Nullability(invoke.ReturnParameter))} {name}({Parameters(invoke)})";
        }
        if (type.IsEnum)
            return $"enum {name} : {TypeNames.Of(Enum.GetUnderlyingType(type))}";

        var kind = (IsRecord(type) ? "record " : "") + (type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class");
        var words = (type.IsAbstract, type.IsSealed) switch
        {
            _ when type.IsInterface => "",
            _ when type.IsValueType => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : ""),
            (true, true) => "static ",
            (true, false) => "abstract ",
            (false, true) => "sealed ",
            _ => "",
        };
        var bases = Bases(type).Order(StringComparer.Ordinal).ToList();
        return $"{words}{kind} {name}{(bases.Count > 0 ? " : " + string.Join(", ", bases) : "")}{Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> Bases(Type type)
    {
        var inherited = type.BaseType;
        if (inherited is not null && inherited != typeof(object) && inherited != typeof(ValueType))
            yield return TypeNames.Of(inherited);
        var itself = IsRecord(type) ? typeof(IEquatable<>).MakeGenericType(type) : null;
        foreach (var one in type.GetInterfaces().Where(i => i.IsVisible && i != itself && !(inherited?.GetInterfaces().Contains(i) ?? false)))
            yield return TypeNames.Of(one);
    }

    private static bool IsRecord(Type type) =>
        type.GetMethod("<Clone>$", Declared) is not null || (type.IsValueType && type.GetMethod("PrintMembers", Declared) is not null);

    private static string? Line(MemberInfo member) => member switch
    {
        _ when member.IsDefined(typeof(CompilerGeneratedAttribute)) && member is not (ConstructorInfo or PropertyInfo) => null,
        FieldInfo field when IsOpen(field.Attributes) && !field.IsSpecialName => Field(field),
        ConstructorInfo constructor when IsOpen(constructor) && !constructor.IsStatic && !IsCopy(constructor) => $"new({Parameters(constructor)})",
        PropertyInfo property when property.Name != "EqualityContract" => Property(property),
        EventInfo one when one.AddMethod is { } add && IsOpen(add) => $"{Words(add)}event {TypeNames.Of(new NullabilityInfoContext().Create(one))} {one.Name}",
        MethodInfo method when IsOpen(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{Words(method)}{Ref(method.ReturnParameter)}{TypeNames.Of(Nullability(method.ReturnParameter))} {method.Name}{Arguments(method)}({Parameters(method)})" +
            Constraints(method.GetGenericArguments()),
        _ => null,
    };

    private static bool IsOpen(MethodBase method) =>
        method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    private static bool IsOpen(FieldAttributes attributes) =>
        (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    private static bool IsCopy(ConstructorInfo constructor) =>
        constructor.GetParameters() is [var only] && only.ParameterType == constructor.DeclaringType && constructor.IsDefined(typeof(CompilerGeneratedAttribute));

    private static string Field(FieldInfo field)
    {
        if (field.DeclaringType!.IsEnum)
            return $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), null)}";
        var words = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
        var value = field.IsLiteral ? " = " + TypeNames.Constant(field.GetRawConstantValue()) : "";
        return $"{words}{TypeNames.Of(new NullabilityInfoContext().Create(field))} {field.Name}{value}";
    }

    private static string? Property(PropertyInfo property)
    {
        var get = property.GetMethod is { } g && IsOpen(g) ? g : null;
        var set = property.SetMethod is { } s && IsOpen(s) ? s : null;
        if ((get ?? set) is not { } accessor)
            return null;

        var init = set?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ?? false;
        var accessors = (get is null ? "" : "get; ") + (set is null ? "" : init ? "init; " : "set; ");
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"this[{string.Join(", ", parameters.Select(Parameter))}]" : property.Name;
        return $"{Words(accessor)}{required}{TypeNames.Of(new NullabilityInfoContext().Create(property))} {index} {{ {accessors}}}";
    }

    private static string Words(MethodBase method)
    {
        var access = method.IsPublic ? "" : "protected ";
        if (method.IsStatic)
            return access + (method.IsAbstract ? "static abstract " : "static ");
        if (method.DeclaringType!.IsInterface)
            return access + (method.IsAbstract ? "" : "default ");
        var replaces = method is MethodInfo m && m.GetBaseDefinition() != m;
        return access + (replaces ? "override " : method.IsAbstract ? "abstract " : method.IsVirtual && !method.IsFinal ? "virtual " : "");
    }

    private static string Arguments(MethodBase method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var words = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : Ref(parameter);
        var value = parameter.HasDefaultValue ? " = " + Default(parameter) : "";
        return $"{words}{TypeNames.Of(Nullability(parameter))} {parameter.Name}{value}";
    }

    private static string Default(ParameterInfo parameter) =>
        parameter.DefaultValue is null && parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null
            ? "default"
            : TypeNames.Constant(parameter.DefaultValue);

    private static string Ref(ParameterInfo parameter) => parameter switch
    {
        { ParameterType.IsByRef: false } => "",
        { IsOut: true } => "out ",
        _ when parameter.GetRequiredCustomModifiers().Length > 0 || parameter.IsDefined(typeof(IsReadOnlyAttribute)) => "in ",
        _ => "ref ",
    };

    private static NullabilityInfo Nullability(ParameterInfo parameter) => new NullabilityInfoContext().Create(parameter);

    private static string Constraints(IEnumerable<Type> arguments) => string.Concat(
        from argument in arguments.Where(a => a.IsGenericParameter)
        let special = argument.GenericParameterAttributes & GenericParameterAttributes.SpecialConstraintMask
        let words = argument.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(TypeNames.Of)
            .Prepend(special.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint) ? "struct" : "")
            .Prepend(special.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? "class" : "")
            .Where(word => word.Length > 0).ToList()
        where words.Count > 0
        select $" where {argument.Name} : {string.Join(", ", words)}");
}
