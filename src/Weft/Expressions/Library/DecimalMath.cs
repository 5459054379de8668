namespace Weft.Expressions.Library;

/// <summary>
/// Arithmetic of decimals, exact to 28 digits: what has more digits behind the point is rounded half to even. A result that does not fit is an
/// error value.
/// </summary>
internal static class DecimalMath
{
    // Around the largest decimal, about 7.92e28. Doubles are exact to 16 digits, so that they tell on which side of the limit a result is,
    // but for those between these two.
    private const double SurelyFits = 7.922816251426e28, SurelyOverflows = 7.922816251427e28;

    private static readonly CelValue s_overflow = CelValue.Of(CelError.Overflow);
    private static readonly CelValue s_divideByZero = CelValue.Of(CelError.DivideByZero);
    private static readonly CelValue s_modulusByZero = CelValue.Of(CelError.ModulusByZero);

    public static CelValue Add(decimal a, decimal b) => Do((double)a + (double)b, a, b, static (a, b) => a + b);

    public static CelValue Subtract(decimal a, decimal b) => Do((double)a - (double)b, a, b, static (a, b) => a - b);

    public static CelValue Multiply(decimal a, decimal b) => Do((double)a * (double)b, a, b, static (a, b) => a * b);

    public static CelValue Divide(decimal a, decimal b) => b == 0 ? s_divideByZero : Do((double)a / (double)b, a, b, static (a, b) => a / b);

    /// <summary>What is left of a division to a whole number; it has the sign of <paramref name="a"/>.</summary>
    public static CelValue Modulo(decimal a, decimal b)
    {
        if (b == 0)
            return s_modulusByZero;
        // decimal.Remainder throws when the numbers are of very different size, though what is left always fits.
        UInt128 left = Digits(a), divisor = Digits(b);
        for (var places = b.Scale; places < a.Scale; places++)
        {
            if (divisor > left)
                return CelValue.Of(a);
            divisor *= 10;
        }
        left %= divisor;
        for (var places = a.Scale; places < b.Scale; places++)
            left = left * 10 % divisor;
        return CelValue.Of(new decimal((int)(uint)left, (int)(uint)(left >> 32), (int)(uint)(left >> 64), decimal.IsNegative(a), Math.Max(a.Scale, b.Scale)));
    }

    /// <summary>The digits of a decimal as a whole number, below 2^96.</summary>
    private static UInt128 Digits(decimal number)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(number, parts);
        return new UInt128((uint)parts[2], (uint)parts[0] | ((ulong)(uint)parts[1] << 32));
    }

    /// <summary>The order as an int: -1, 0 or 1.</summary>
    public static CelValue Compare(decimal a, decimal b) => CelValue.Of((long)decimal.Compare(a, b));

    private static CelValue Do(double estimate, decimal a, decimal b, Func<decimal, decimal, decimal> exact)
    {
        estimate = Math.Abs(estimate);
        if (estimate > SurelyOverflows)
            return s_overflow;
        if (estimate < SurelyFits)
            return CelValue.Of(exact(a, b));
        // Decimals tell an overflow by throwing only. What comes here is so rare that this costs nothing.
        try
        {
            return CelValue.Of(exact(a, b));
        }
        catch (OverflowException)
        {
            return s_overflow;
        }
    }
}
