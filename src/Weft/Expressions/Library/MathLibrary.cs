namespace Weft.Expressions.Library;

/// <summary>
/// The math extension of CEL as cel-go has it in its newest version, and the same for Weft's decimals. <c>math.greatest</c> and
/// <c>math.least</c> are macros that become <c>math.@max</c> and <c>math.@min</c>.
/// </summary>
internal static class MathLibrary
{
    private static readonly CelType[] s_numbers = [CelType.Double, CelType.Int, CelType.UInt, CelType.Decimal];

    private static readonly CelError s_empty = CelError.Argument("math.greatest() and math.least() take at least one number; the list is empty.");
    private static readonly CelError s_notNumber = CelError.NoSuchOverload("math.greatest() and math.least() take numbers and lists of numbers.");
    private static readonly CelError s_notOrdered = CelError.Argument("math.greatest() and math.least() take no NaN, which has no order.");
    private static readonly CelError s_shift = CelError.Argument("math.bitShiftLeft() and math.bitShiftRight() take an offset of 0 or more.");

    public static void Register(Registry registry)
    {
        RegisterExtreme(registry, "min", -1);
        RegisterExtreme(registry, "max", 1);
        RegisterRounding(registry);
        RegisterSigns(registry);
        RegisterBits(registry);
    }

    private static void RegisterExtreme(Registry registry, string name, int sign)
    {
        var function = $"math.@{name}";
        Implementation pair = (_, arguments) => Extreme(arguments, sign);
        Implementation list = (frame, arguments) => frame.TryItems(arguments[0], out var items, out var error) ? Extreme(items, sign) : error;
        foreach (var a in s_numbers)
        {
            registry.Global(function, $"math_@{name}_{a}", [a], a, static (_, arguments) => arguments[0]);
            registry.Global(function, $"math_@{name}_list_{a}", [CelType.List(a)], a, list);
            foreach (var b in s_numbers)
                registry.Global(function, $"math_@{name}_{a}_{b}", [a, b], a == b ? a : CelType.Dyn, pair);
        }
    }

    private static CelValue Extreme(ReadOnlySpan<CelValue> numbers, int sign)
    {
        if (numbers.IsEmpty)
            return CelValue.Of(s_empty);
        var best = numbers[0];
        foreach (var number in numbers)
        {
            if (!Numbers.IsNumber(number.Kind))
                return CelValue.Of(s_notNumber);
            if (Numbers.Compare(number, best) is not { } order)
                return CelValue.Of(s_notOrdered);
            if (order * sign > 0)
                best = number;
        }
        return best;
    }

    private static void RegisterRounding(Registry registry)
    {
        Double(registry, "ceil", static x => Math.Ceiling(x));
        Double(registry, "floor", static x => Math.Floor(x));
        Double(registry, "round", static x => Math.Round(x, MidpointRounding.AwayFromZero));
        Double(registry, "trunc", static x => Math.Truncate(x));
        Double(registry, "sqrt", static x => Math.Sqrt(x));
        registry.Global("math.sqrt", "math_sqrt_int", [CelType.Int], CelType.Double, static (_, a) => CelValue.Of(Math.Sqrt(a[0].AsInt)));
        registry.Global("math.sqrt", "math_sqrt_uint", [CelType.UInt], CelType.Double, static (_, a) => CelValue.Of(Math.Sqrt(a[0].AsUInt)));

        Decimal(registry, "ceil", static x => decimal.Ceiling(x));
        Decimal(registry, "floor", static x => decimal.Floor(x));
        Decimal(registry, "round", static x => decimal.Round(x, MidpointRounding.AwayFromZero));
        Decimal(registry, "trunc", static x => decimal.Truncate(x));

        Test(registry, "isNaN", static x => double.IsNaN(x));
        Test(registry, "isInf", static x => double.IsInfinity(x));
        Test(registry, "isFinite", static x => double.IsFinite(x));
    }

    private static void RegisterSigns(Registry registry)
    {
        Double(registry, "abs", static x => Math.Abs(x));
        Decimal(registry, "abs", static x => Math.Abs(x));
        registry.Global("math.abs", "math_abs_int", [CelType.Int], CelType.Int,
            static (_, a) => a[0].AsInt == long.MinValue ? CelValue.Of(CelError.Overflow) : CelValue.Of(Math.Abs(a[0].AsInt)));
        registry.Global("math.abs", "math_abs_uint", [CelType.UInt], CelType.UInt, static (_, a) => a[0]);

        Double(registry, "sign", static x => double.IsNaN(x) ? x : Math.Sign(x));
        Decimal(registry, "sign", static x => Math.Sign(x));
        registry.Global("math.sign", "math_sign_int", [CelType.Int], CelType.Int, static (_, a) => CelValue.Of((long)Math.Sign(a[0].AsInt)));
        registry.Global("math.sign", "math_sign_uint", [CelType.UInt], CelType.UInt, static (_, a) => CelValue.Of(Math.Min(a[0].AsUInt, 1UL)));
    }

    private static void RegisterBits(Registry registry)
    {
        Bits(registry, "And", static (a, b) => a & b);
        Bits(registry, "Or", static (a, b) => a | b);
        Bits(registry, "Xor", static (a, b) => a ^ b);
        registry.Global("math.bitNot", "math_bitNot_int_int", [CelType.Int], CelType.Int, static (_, a) => CelValue.Of(~a[0].AsInt));
        registry.Global("math.bitNot", "math_bitNot_uint_uint", [CelType.UInt], CelType.UInt, static (_, a) => CelValue.Of(~a[0].AsUInt));
        Shift(registry, "Left", static (value, by) => value << by);
        // Zeros come in from the left for ints too.
        Shift(registry, "Right", static (value, by) => value >> by);
    }

    private static void Double(Registry registry, string name, Func<double, double> run) =>
        registry.Global($"math.{name}", $"math_{name}_double", [CelType.Double], CelType.Double, (_, a) => CelValue.Of(run(a[0].AsDouble)));

    private static void Decimal(Registry registry, string name, Func<decimal, decimal> run) =>
        registry.Global($"math.{name}", $"math_{name}_decimal", [CelType.Decimal], CelType.Decimal, (_, a) => CelValue.Of(run(a[0].AsDecimal)));

    private static void Test(Registry registry, string name, Func<double, bool> run) =>
        registry.Global($"math.{name}", $"math_{name}_double", [CelType.Double], CelType.Bool, (_, a) => CelValue.Of(run(a[0].AsDouble)));

    private static void Bits(Registry registry, string name, Func<ulong, ulong, ulong> run)
    {
        registry.Global($"math.bit{name}", $"math_bit{name}_int_int", [CelType.Int, CelType.Int], CelType.Int,
            (_, a) => CelValue.Of((long)run(a[0].AsUInt, a[1].AsUInt)));
        registry.Global($"math.bit{name}", $"math_bit{name}_uint_uint", [CelType.UInt, CelType.UInt], CelType.UInt,
            (_, a) => CelValue.Of(run(a[0].AsUInt, a[1].AsUInt)));
    }

    private static void Shift(Registry registry, string name, Func<ulong, int, ulong> run)
    {
        registry.Global($"math.bitShift{name}", $"math_bitShift{name}_int_int", [CelType.Int, CelType.Int], CelType.Int,
            (_, a) => a[1].AsInt < 0 ? CelValue.Of(s_shift) : CelValue.Of((long)Shifted(a[0].AsUInt, a[1].AsInt)));
        registry.Global($"math.bitShift{name}", $"math_bitShift{name}_uint_int", [CelType.UInt, CelType.Int], CelType.UInt,
            (_, a) => a[1].AsInt < 0 ? CelValue.Of(s_shift) : CelValue.Of(Shifted(a[0].AsUInt, a[1].AsInt)));

        ulong Shifted(ulong value, long by) => by >= 64 ? 0 : run(value, (int)by);
    }
}
