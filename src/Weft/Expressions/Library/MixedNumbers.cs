using Weft.Expressions.Syntax;

namespace Weft.Expressions.Library;

/// <summary>
/// Operators between numbers of different types. Order between int, uint and double is CEL's own, though optional there; arithmetic and
/// equality between them, and all of decimal, are Weft's, because the numbers of JSON are ints and doubles side by side. The ids of Weft's
/// begin with <c>weft_</c>.
/// </summary>
/// <remarks>Equality is exact; for the order an int counts as the nearest double. Arithmetic with a double gives a double, with a decimal a decimal; decimal and double do not mix.</remarks>
internal static class MixedNumbers
{
    private const string Weft = "weft_";

    private static readonly (string Name, CelType Type)[] s_numbers =
        [("int64", CelType.Int), ("uint64", CelType.UInt), ("double", CelType.Double), ("decimal", CelType.Decimal)];

    public static void Register(Registry registry)
    {
        foreach (var (nameA, a) in s_numbers)
        {
            foreach (var (nameB, b) in s_numbers)
            {
                bool withDecimal = a == CelType.Decimal || b == CelType.Decimal, withDouble = a == CelType.Double || b == CelType.Double;
                var name = nameA == nameB ? nameA : $"{nameA}_{nameB}";
                if (nameA != nameB)
                    DeclareEquality(registry, name, a, b);
                if (nameA != nameB || withDecimal)
                    StandardLibrary.DeclareOrder(registry, name, a, b, withDecimal ? Weft : "");
                if (withDecimal && !withDouble)
                    DeclareDecimals(registry, name, a, b);
                else if (withDouble && !withDecimal && nameA != nameB)
                    DeclareDoubles(registry, name, a, b);
            }
        }
        registry.Global(Operators.Negate, Weft + "negate_decimal", [CelType.Decimal], CelType.Decimal, static (_, v) => CelValue.Of(-v[0].AsDecimal));
    }

    private static void DeclareEquality(Registry registry, string name, CelType a, CelType b)
    {
        registry.Global(Operators.Equal, $"{Weft}equals_{name}", [a, b], CelType.Bool, StandardLibrary.Equal);
        registry.Global(Operators.NotEqual, $"{Weft}not_equals_{name}", [a, b], CelType.Bool, StandardLibrary.NotEqual);
    }

    private static void DeclareDoubles(Registry registry, string name, CelType a, CelType b)
    {
        CelType[] types = [a, b];
        registry.Global(Operators.Add, $"{Weft}add_{name}", types, CelType.Double, static (_, v) => CelValue.Of(ToDouble(v[0]) + ToDouble(v[1])));
        registry.Global(Operators.Subtract, $"{Weft}subtract_{name}", types, CelType.Double,
            static (_, v) => CelValue.Of(ToDouble(v[0]) - ToDouble(v[1])));
        registry.Global(Operators.Multiply, $"{Weft}multiply_{name}", types, CelType.Double,
            static (_, v) => CelValue.Of(ToDouble(v[0]) * ToDouble(v[1])));
        registry.Global(Operators.Divide, $"{Weft}divide_{name}", types, CelType.Double,
            static (_, v) => CelValue.Of(ToDouble(v[0]) / ToDouble(v[1])));
    }

    private static void DeclareDecimals(Registry registry, string name, CelType a, CelType b)
    {
        CelType[] types = [a, b];
        registry.Global(Operators.Add, $"{Weft}add_{name}", types, CelType.Decimal, static (_, v) => DecimalMath.Add(ToDecimal(v[0]), ToDecimal(v[1])));
        registry.Global(Operators.Subtract, $"{Weft}subtract_{name}", types, CelType.Decimal,
            static (_, v) => DecimalMath.Subtract(ToDecimal(v[0]), ToDecimal(v[1])));
        registry.Global(Operators.Multiply, $"{Weft}multiply_{name}", types, CelType.Decimal,
            static (_, v) => DecimalMath.Multiply(ToDecimal(v[0]), ToDecimal(v[1])));
        registry.Global(Operators.Divide, $"{Weft}divide_{name}", types, CelType.Decimal,
            static (_, v) => DecimalMath.Divide(ToDecimal(v[0]), ToDecimal(v[1])));
        registry.Global(Operators.Modulo, $"{Weft}modulo_{name}", types, CelType.Decimal,
            static (_, v) => DecimalMath.Modulo(ToDecimal(v[0]), ToDecimal(v[1])));
    }

    private static double ToDouble(in CelValue number) => number.Kind switch
    {
        CelKind.Int => number.AsInt,
        CelKind.UInt => number.AsUInt,
        _ => number.AsDouble,
    };

    private static decimal ToDecimal(in CelValue number) => number.Kind switch
    {
        CelKind.Int => number.AsInt,
        CelKind.UInt => number.AsUInt,
        _ => number.AsDecimal,
    };
}
