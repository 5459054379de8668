using Weft.Expressions.Syntax;

namespace Weft.Expressions.Library;

/// <summary>
/// The operators and functions of CEL's own definition, with the ids of cel-go. Times are in <c>TimeLibrary</c>; operators between numbers of
/// different types are in <see cref="MixedNumbers"/>.
/// </summary>
internal static partial class StandardLibrary
{
    private static readonly CelType s_a = CelType.Parameter("A");
    private static readonly CelType s_b = CelType.Parameter("B");
    private static readonly CelType s_listOfA = CelType.List(s_a);
    private static readonly CelType s_mapOfAToB = CelType.Map(s_a, s_b);

    public static void Register(Registry registry)
    {
        DeclareTypes(registry);
        DeclareLogic(registry);
        DeclareEquality(registry);
        DeclareContainers(registry);
        DeclareArithmetic(registry);
        DeclareComparisons(registry);
        DeclareTexts(registry);
        DeclareConversions(registry);
    }

    private static void DeclareTypes(Registry registry)
    {
        foreach (var type in (ReadOnlySpan<CelType>)
        [
            CelType.Bool, CelType.Int, CelType.UInt, CelType.Double, CelType.String, CelType.Bytes, CelType.Null,
            CelType.Timestamp, CelType.Duration, CelType.AnyList, CelType.AnyMap,
            new CelType(CelTypeKind.Type, "type"),
        ])
            registry.Type(type.Name, type);
    }

    /// <summary>What decides without all of its operands is done by the planner.</summary>
    private static void DeclareLogic(Registry registry)
    {
        registry.Global(Operators.Conditional, "conditional", [CelType.Bool, s_a, s_a], s_a, null);
        registry.Global(Operators.And, "logical_and", [CelType.Bool, CelType.Bool], CelType.Bool, null);
        registry.Global(Operators.Or, "logical_or", [CelType.Bool, CelType.Bool], CelType.Bool, null);
        registry.Global(Operators.NotStrictlyFalse, "not_strictly_false", [CelType.Bool], CelType.Bool, null);
        registry.Global(Operators.Not, "logical_not", [CelType.Bool], CelType.Bool, static (_, v) => CelValue.Of(!v[0].AsBool));
    }

    private static void DeclareEquality(Registry registry)
    {
        registry.Global(Operators.Equal, "equals", [s_a, s_a], CelType.Bool, Equal);
        registry.Global(Operators.NotEqual, "not_equals", [s_a, s_a], CelType.Bool, NotEqual);
    }

    internal static CelValue Equal(Frame frame, ReadOnlySpan<CelValue> values) => CelValue.Of(ValueOperations.Equal(values[0], values[1], frame));

    internal static CelValue NotEqual(Frame frame, ReadOnlySpan<CelValue> values) => CelValue.Of(!ValueOperations.Equal(values[0], values[1], frame));

    private static void DeclareContainers(Registry registry)
    {
        registry.Global(Operators.In, "in_list", [s_a, s_listOfA], CelType.Bool,
            static (frame, v) => CelValue.Of(ValueOperations.IsInList(v[0], v[1], frame)));
        registry.Global(Operators.In, "in_map", [s_a, s_mapOfAToB], CelType.Bool,
            static (frame, v) => CelValue.Of(MapReader.TryGet(v[1], v[0], frame, out _)));

        var optional = CelType.Optional(s_a);
        registry.Global(Operators.Index, "index_list", [s_listOfA, CelType.Int], s_a, null);
        registry.Global(Operators.Index, "index_map", [s_mapOfAToB, s_a], s_b, null);
        registry.Global(Operators.Index, "optional_list_index_int", [CelType.Optional(s_listOfA), CelType.Int], optional, null);
        registry.Global(Operators.Index, "optional_map_index_value", [CelType.Optional(s_mapOfAToB), s_a], CelType.Optional(s_b), null);
        registry.Global(Operators.OptionalIndex, "list_optindex_optional_int", [s_listOfA, CelType.Int], optional, null);
        registry.Global(Operators.OptionalIndex, "optional_list_optindex_optional_int", [CelType.Optional(s_listOfA), CelType.Int], optional, null);
        registry.Global(Operators.OptionalIndex, "map_optindex_optional_value", [s_mapOfAToB, s_a], CelType.Optional(s_b), null);
        registry.Global(Operators.OptionalIndex, "optional_map_optindex_optional_value", [CelType.Optional(s_mapOfAToB), s_a], CelType.Optional(s_b), null);
        registry.Global(Operators.OptionalSelect, "select_optional_field", [CelType.Dyn, CelType.String], CelType.Optional(CelType.Dyn), null);

        // What the macros of maps are written with; the planner has loops of its own for them.
        registry.Global(Operators.MapInsert, "@mapInsert_map_map", [s_mapOfAToB, s_mapOfAToB], s_mapOfAToB, null);
        registry.Global(Operators.MapInsert, "@mapInsert_map_key_value", [s_mapOfAToB, s_a, s_b], s_mapOfAToB, null);

        Size(registry, "list", s_listOfA, static (frame, v) => CelValue.Of((long)ListReader.Count(v[0], frame)));
        Size(registry, "map", s_mapOfAToB, static (frame, v) => CelValue.Of((long)MapReader.Count(v[0], frame)));
    }

    private static void Size(Registry registry, string name, CelType of, Implementation run)
    {
        registry.Global("size", $"size_{name}", [of], CelType.Int, run);
        registry.Member("size", $"{name}_size", [of], CelType.Int, run);
    }
}
