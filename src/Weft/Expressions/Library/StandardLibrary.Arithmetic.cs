using Weft.Expressions.Syntax;

namespace Weft.Expressions.Library;

/// <summary>Arithmetic within one type. What does not fit into 64 bits is an error; doubles follow IEEE 754.</summary>
internal static partial class StandardLibrary
{
    private static readonly CelValue s_overflow = CelValue.Of(CelError.Overflow);
    private static readonly CelValue s_divideByZero = CelValue.Of(CelError.DivideByZero);
    private static readonly CelValue s_modulusByZero = CelValue.Of(CelError.ModulusByZero);

    private static void DeclareArithmetic(Registry registry)
    {
        CelType[] ints = [CelType.Int, CelType.Int], uints = [CelType.UInt, CelType.UInt], doubles = [CelType.Double, CelType.Double];
        registry.Global(Operators.Add, "add_bytes", [CelType.Bytes, CelType.Bytes], CelType.Bytes, Concatenate);
        registry.Global(Operators.Add, "add_double", doubles, CelType.Double, static (_, v) => CelValue.Of(v[0].AsDouble + v[1].AsDouble));
        registry.Global(Operators.Add, "add_int64", ints, CelType.Int, static (_, v) => Add(v[0].AsInt, v[1].AsInt));
        registry.Global(Operators.Add, "add_list", [s_listOfA, s_listOfA], s_listOfA, ConcatenateLists);
        registry.Global(Operators.Add, "add_string", [CelType.String, CelType.String], CelType.String, Concatenate);
        registry.Global(Operators.Add, "add_uint64", uints, CelType.UInt, static (_, v) => Add(v[0].AsUInt, v[1].AsUInt));

        registry.Global(Operators.Subtract, "subtract_double", doubles, CelType.Double, static (_, v) => CelValue.Of(v[0].AsDouble - v[1].AsDouble));
        registry.Global(Operators.Subtract, "subtract_int64", ints, CelType.Int, static (_, v) => Subtract(v[0].AsInt, v[1].AsInt));
        registry.Global(Operators.Subtract, "subtract_uint64", uints, CelType.UInt,
            static (_, v) => v[0].AsUInt < v[1].AsUInt ? s_overflow : CelValue.Of(v[0].AsUInt - v[1].AsUInt));

        registry.Global(Operators.Multiply, "multiply_double", doubles, CelType.Double, static (_, v) => CelValue.Of(v[0].AsDouble * v[1].AsDouble));
        registry.Global(Operators.Multiply, "multiply_int64", ints, CelType.Int, static (_, v) => Multiply(v[0].AsInt, v[1].AsInt));
        registry.Global(Operators.Multiply, "multiply_uint64", uints, CelType.UInt, static (_, v) => Multiply(v[0].AsUInt, v[1].AsUInt));

        registry.Global(Operators.Divide, "divide_double", doubles, CelType.Double, static (_, v) => CelValue.Of(v[0].AsDouble / v[1].AsDouble));
        registry.Global(Operators.Divide, "divide_int64", ints, CelType.Int, static (_, v) => Divide(v[0].AsInt, v[1].AsInt));
        registry.Global(Operators.Divide, "divide_uint64", uints, CelType.UInt,
            static (_, v) => v[1].AsUInt == 0 ? s_divideByZero : CelValue.Of(v[0].AsUInt / v[1].AsUInt));

        registry.Global(Operators.Modulo, "modulo_int64", ints, CelType.Int, static (_, v) => Modulo(v[0].AsInt, v[1].AsInt));
        registry.Global(Operators.Modulo, "modulo_uint64", uints, CelType.UInt,
            static (_, v) => v[1].AsUInt == 0 ? s_modulusByZero : CelValue.Of(v[0].AsUInt % v[1].AsUInt));

        registry.Global(Operators.Negate, "negate_double", [CelType.Double], CelType.Double, static (_, v) => CelValue.Of(-v[0].AsDouble));
        registry.Global(Operators.Negate, "negate_int64", [CelType.Int], CelType.Int,
            static (_, v) => v[0].AsInt == long.MinValue ? s_overflow : CelValue.Of(-v[0].AsInt));
    }

    private static CelValue Add(long a, long b)
    {
        var sum = unchecked(a + b);
        // Overflow is when both have one sign and the sum has the other.
        return ((a ^ sum) & (b ^ sum)) < 0 ? s_overflow : CelValue.Of(sum);
    }

    private static CelValue Add(ulong a, ulong b)
    {
        var sum = unchecked(a + b);
        return sum < a ? s_overflow : CelValue.Of(sum);
    }

    private static CelValue Subtract(long a, long b)
    {
        var difference = unchecked(a - b);
        return ((a ^ b) & (a ^ difference)) < 0 ? s_overflow : CelValue.Of(difference);
    }

    private static CelValue Multiply(long a, long b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high != low >> 63 ? s_overflow : CelValue.Of(low);
    }

    private static CelValue Multiply(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high != 0 ? s_overflow : CelValue.Of(low);
    }

    private static CelValue Divide(long a, long b) => b switch
    {
        0 => s_divideByZero,
        -1 => a == long.MinValue ? s_overflow : CelValue.Of(-a),
        _ => CelValue.Of(a / b),
    };

    private static CelValue Modulo(long a, long b) => b switch
    {
        0 => s_modulusByZero,
        -1 => a == long.MinValue ? s_overflow : CelValue.Of(0L),
        _ => CelValue.Of(a % b),
    };

    private static CelValue Concatenate(Frame frame, ReadOnlySpan<CelValue> values)
    {
        ReadOnlySpan<byte> a = values[0].AsSpan, b = values[1].AsSpan;
        if (b.IsEmpty)
            return values[0];
        if (a.IsEmpty)
            return values[1];
        // What is too long for an array is beyond any limit too.
        var length = (int)Math.Min((long)a.Length + b.Length, Array.MaxLength);
        if (!frame.Arena.TryReserve(length, out var room))
            return CelValue.Of(frame.Halted!);
        a.CopyTo(room);
        b.CopyTo(room.AsSpan(a.Length));
        return values[0].Kind == CelKind.String
            ? CelValue.String(room.Array!, room.Offset, room.Count)
            : CelValue.Bytes(room.Array!, room.Offset, room.Count);
    }

    private static CelValue ConcatenateLists(Frame frame, ReadOnlySpan<CelValue> values)
    {
        var bottom = frame.Arena.StackTop;
        foreach (ref readonly var list in values)
        {
            var reader = new ListReader(list, frame.Arena);
            while (reader.Next(frame, out var item))
                frame.Arena.Push(item);
        }
        if (frame.Halted is null)
            return frame.Arena.PopList(bottom);
        frame.Arena.Drop(bottom);
        return CelValue.Of(frame.Halted);
    }
}
