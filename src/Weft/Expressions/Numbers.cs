namespace Weft.Expressions;

/// <summary>Numbers of different types side by side.</summary>
internal static class Numbers
{
    private const double TwoTo63 = 9223372036854775808d;
    private const double TwoTo64 = 18446744073709551616d;
    private const double TwoTo96 = 79228162514264337593543950336d;

    public static bool IsNumber(CelKind kind) => kind is CelKind.Int or CelKind.UInt or CelKind.Double or CelKind.Decimal;

    /// <summary>
    /// The order of two numbers as the operators have it: below 0, 0 or above 0; null when one is NaN. Beside a double, an int or uint counts
    /// as the double that is nearest to it, as the official suite demands; so beyond 2^53 numbers can have the same order without being equal.
    /// </summary>
    public static int? Order(in CelValue a, in CelValue b) => (a.Kind, b.Kind) switch
    {
        (CelKind.Double, CelKind.Int) => Compare(a.AsDouble, (double)b.AsInt),
        (CelKind.Double, CelKind.UInt) => Compare(a.AsDouble, (double)b.AsUInt),
        (CelKind.Int, CelKind.Double) => Compare((double)a.AsInt, b.AsDouble),
        (CelKind.UInt, CelKind.Double) => Compare((double)a.AsUInt, b.AsDouble),
        _ => Compare(a, b),
    };

    /// <summary>The exact order of two numbers, without rounding one to the other; null when one is NaN.</summary>
    public static int? Compare(in CelValue a, in CelValue b) => (a.Kind, b.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => a.AsInt.CompareTo(b.AsInt),
        (CelKind.UInt, CelKind.UInt) => a.AsUInt.CompareTo(b.AsUInt),
        (CelKind.Int, CelKind.UInt) => a.AsInt < 0 ? -1 : ((ulong)a.AsInt).CompareTo(b.AsUInt),
        (CelKind.Double, CelKind.Double) => Compare(a.AsDouble, b.AsDouble),
        (CelKind.Double, CelKind.Int) => Compare(a.AsDouble, b.AsInt),
        (CelKind.Double, CelKind.UInt) => Compare(a.AsDouble, b.AsUInt),
        (CelKind.Decimal, CelKind.Decimal) => decimal.Compare(a.AsDecimal, b.AsDecimal),
        (CelKind.Decimal, CelKind.Int) => decimal.Compare(a.AsDecimal, b.AsInt),
        (CelKind.Decimal, CelKind.UInt) => decimal.Compare(a.AsDecimal, b.AsUInt),
        (CelKind.Double, CelKind.Decimal) => Compare(a.AsDouble, b.AsDecimal),
        _ => -Compare(b, a),
    };

    /// <summary>The number as an int when it is one.</summary>
    public static bool TryInt(in CelValue number, out long value)
    {
        switch (number.Kind)
        {
            case CelKind.Int:
                value = number.AsInt;
                return true;
            case CelKind.UInt:
                value = number.AsInt;
                return value >= 0;
            case CelKind.Double when number.AsDouble is >= -TwoTo63 and < TwoTo63:
                value = (long)number.AsDouble;
                return value == number.AsDouble;
            case CelKind.Decimal when number.AsDecimal is >= long.MinValue and <= long.MaxValue:
                value = (long)number.AsDecimal;
                return value == number.AsDecimal;
            default:
                value = 0;
                return false;
        }
    }

    /// <summary>The number as a uint when it is one.</summary>
    public static bool TryUInt(in CelValue number, out ulong value)
    {
        switch (number.Kind)
        {
            case CelKind.UInt:
                value = number.AsUInt;
                return true;
            case CelKind.Int:
                value = number.AsUInt;
                return number.AsInt >= 0;
            case CelKind.Double when number.AsDouble is >= 0 and < TwoTo64:
                value = (ulong)number.AsDouble;
                return value == number.AsDouble;
            case CelKind.Decimal when number.AsDecimal is >= 0 and <= ulong.MaxValue:
                value = (ulong)number.AsDecimal;
                return value == number.AsDecimal;
            default:
                value = 0;
                return false;
        }
    }

    private static int? Compare(double a, double b) => a < b ? -1 : a > b ? 1 : a == b ? 0 : null;

    private static int? Compare(double a, long b)
    {
        if (double.IsNaN(a))
            return null;
        if (a >= TwoTo63)
            return 1;
        if (a < -TwoTo63)
            return -1;
        var whole = (long)a;
        return whole != b ? whole.CompareTo(b) : Math.Sign(a - whole);
    }

    private static int? Compare(double a, ulong b)
    {
        if (double.IsNaN(a))
            return null;
        if (a >= TwoTo64)
            return 1;
        if (a < 0)
            return -1;
        var whole = (ulong)a;
        return whole != b ? whole.CompareTo(b) : Math.Sign(a - whole);
    }

    private static int? Compare(double a, decimal b)
    {
        if (double.IsNaN(a))
            return null;
        if (Math.Abs(a) >= TwoTo96)
            return Math.Sign(a);
        if (a < 0 != b < 0)
            return a < 0 ? -1 : a == 0 && b == 0 ? 0 : 1;
        var order = ComparePositive(Math.Abs(a), Math.Abs(b));
        return a < 0 ? -order : order;
    }

    /// <summary>Neither is negative.</summary>
    private static int ComparePositive(double a, decimal b)
    {
        var whole = Math.Truncate(a);
        var wholes = decimal.Compare((decimal)(UInt128)whole, decimal.Truncate(b));
        if (wholes != 0)
            return wholes;
        // What is behind the point, bit by bit: doubling and taking 1 away is exact for both.
        a -= whole;
        b -= decimal.Truncate(b);
        while (a != 0 && b != 0)
        {
            a *= 2;
            b *= 2;
            if (a >= 1 != b >= 1)
                return a >= 1 ? 1 : -1;
            if (a >= 1)
            {
                a -= 1;
                b -= 1;
            }
        }
        return a != 0 ? 1 : b != 0 ? -1 : 0;
    }
}
