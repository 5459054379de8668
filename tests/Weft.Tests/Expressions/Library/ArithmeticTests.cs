using System.Numerics;
using CsCheck;
using Weft.Expressions;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;
using Weft.Tests.Expressions.Values;

namespace Weft.Tests.Expressions.Library;

public sealed class ArithmeticTests
{
    private static readonly long[] s_ints = [0, 1, -1, 2, long.MaxValue, long.MinValue, long.MinValue + 1, 1L << 31, 1L << 32, 3037000500, -3037000500];
    private static readonly ulong[] s_uints = [0, 1, 2, ulong.MaxValue, 1UL << 32, 1UL << 63, 4294967295, 4294967296];

    private readonly LibraryRun _library = new(StandardLibrary.Register, MixedNumbers.Register);

    [Fact]
    public void Ints_are_exact_or_overflow() => Gen.Select(Gen.OneOf(TestValues.Among(s_ints), Gen.Long), Gen.OneOf(TestValues.Among(s_ints), Gen.Long))
        .Sample((a, b) =>
        {
            Whole(Operators.Add, a, b, (BigInteger)a + b);
            Whole(Operators.Subtract, a, b, (BigInteger)a - b);
            Whole(Operators.Multiply, a, b, (BigInteger)a * b);
            if (b == 0)
                return;
            Whole(Operators.Divide, a, b, BigInteger.Divide(a, b));
            if (a != long.MinValue || b != -1)
                Whole(Operators.Modulo, a, b, BigInteger.Remainder(a, b));
        });

    [Fact]
    public void Uints_are_exact_or_overflow() => Gen.Select(Gen.OneOf(TestValues.Among(s_uints), Gen.ULong), Gen.OneOf(TestValues.Among(s_uints), Gen.ULong))
        .Sample((a, b) =>
        {
            Natural(Operators.Add, a, b, (BigInteger)a + b);
            Natural(Operators.Subtract, a, b, (BigInteger)a - b);
            Natural(Operators.Multiply, a, b, (BigInteger)a * b);
            if (b == 0)
                return;
            Natural(Operators.Divide, a, b, a / b);
            Natural(Operators.Modulo, a, b, a % b);
        });

    [Fact]
    public void Division_by_zero_is_an_error_of_whole_numbers_and_decimals()
    {
        foreach (var zero in (CelValue[])[CelValue.Of(0L), CelValue.Of(0m)])
        {
            _library.Fails(CelErrorKind.Arithmetic, Operators.Divide, CelValue.Of(1m), zero);
            _library.Fails(CelErrorKind.Arithmetic, Operators.Modulo, CelValue.Of(1m), zero);
        }
        Assert.Same(CelError.DivideByZero, _library.Call(Operators.Divide, CelValue.Of(1L), CelValue.Of(0L)).Error);
        Assert.Same(CelError.ModulusByZero, _library.Call(Operators.Modulo, CelValue.Of(1L), CelValue.Of(0L)).Error);
        Assert.Same(CelError.DivideByZero, _library.Call(Operators.Divide, CelValue.Of(1UL), CelValue.Of(0UL)).Error);
        Assert.Same(CelError.ModulusByZero, _library.Call(Operators.Modulo, CelValue.Of(1UL), CelValue.Of(0UL)).Error);
        _library.Gives(CelValue.Of(double.PositiveInfinity), Operators.Divide, CelValue.Of(1.0), CelValue.Of(0L));
        _library.Fails(CelErrorKind.Arithmetic, Operators.Modulo, CelValue.Of(long.MinValue), CelValue.Of(-1L));
        _library.Fails(CelErrorKind.Arithmetic, Operators.Negate, CelValue.Of(long.MinValue));
        _library.Fails(CelErrorKind.NoSuchOverload, Operators.Negate, CelValue.Of(1UL));
        _library.Fails(CelErrorKind.NoSuchOverload, Operators.Modulo, CelValue.Of(1.0), CelValue.Of(1.0));
    }

    [Fact]
    public void Int_and_double_give_a_double()
    {
        _library.Gives(CelValue.Of(3.5), Operators.Add, CelValue.Of(1L), CelValue.Of(2.5));
        _library.Gives(CelValue.Of(-1.5), Operators.Subtract, CelValue.Of(1UL), CelValue.Of(2.5));
        _library.Gives(CelValue.Of(5.0), Operators.Multiply, CelValue.Of(2.5), CelValue.Of(2L));
        _library.Gives(CelValue.Of(3.5), Operators.Divide, CelValue.Of(7.0), CelValue.Of(2UL));
        _library.Gives(CelValue.True, Operators.Less, CelValue.Of(1L), CelValue.Of(1.5));
        _library.Gives(CelValue.False, Operators.GreaterOrEqual, CelValue.Of(1UL), CelValue.Of(double.NaN));
        _library.Gives(CelValue.True, Operators.NotEqual, CelValue.Of(1UL), CelValue.Of(double.NaN));
        _library.Fails(CelErrorKind.NoSuchOverload, Operators.Add, CelValue.Of(1L), CelValue.Of(1UL));
    }

    [Fact]
    public void Decimals_mix_with_whole_numbers_but_not_with_doubles()
    {
        _library.Gives(CelValue.Of(2.38m), Operators.Multiply, CelValue.Of(1.19m), CelValue.Of(2L));
        _library.Gives(CelValue.Of(0.3m), Operators.Add, CelValue.Of(0.1m), CelValue.Of(0.2m));
        _library.Gives(CelValue.Of(0.5m), Operators.Divide, CelValue.Of(1UL), CelValue.Of(2m));
        _library.Gives(CelValue.Of(0.5m), Operators.Modulo, CelValue.Of(2.5m), CelValue.Of(1L));
        _library.Gives(CelValue.Of(-0.5m), Operators.Negate, CelValue.Of(0.5m));
        _library.Gives(CelValue.True, Operators.Less, CelValue.Of(0.1m), CelValue.Of(0.1));
        _library.Fails(CelErrorKind.NoSuchOverload, Operators.Add, CelValue.Of(1m), CelValue.Of(1.0));
    }

    [Fact]
    public void Decimals_never_throw() => Gen.Select(Gen.OneOf(TestValues.Among(decimal.MaxValue, decimal.MinValue, 1e-28m, -1e-28m, 1m), Gen.Decimal),
        Gen.OneOf(TestValues.Among(decimal.MaxValue, decimal.MinValue, 1e-28m, -1e-28m, -1m), Gen.Decimal)).Sample((a, b) =>
        {
            foreach (var function in (string[])[Operators.Add, Operators.Subtract, Operators.Multiply, Operators.Divide, Operators.Modulo])
            {
                var result = _library.Call(function, CelValue.Of(a), CelValue.Of(b));
                Assert.True(result.Kind == CelKind.Decimal || result.Error!.Kind == CelErrorKind.Arithmetic);
            }
        });

    [Fact]
    public void What_is_left_of_decimals_is_exact() => Gen.Select(Gen.Decimal, Gen.Decimal).Where((_, b) => b != 0).Sample((a, b) =>
    {
        // As whole numbers of the smaller places.
        var scale = Math.Max(a.Scale, b.Scale);
        var left = BigInteger.Remainder(Digits(a, scale), Digits(b, scale));
        var result = _library.Call(Operators.Modulo, CelValue.Of(a), CelValue.Of(b));
        Assert.Equal(CelKind.Decimal, result.Kind);
        Assert.Equal(left, Digits(result.AsDecimal, scale));
    });

    private static BigInteger Digits(decimal number, int scale)
    {
        var parts = decimal.GetBits(number);
        return new BigInteger(new decimal(parts[0], parts[1], parts[2], parts[3] < 0, 0)) * BigInteger.Pow(10, scale - number.Scale);
    }

    private void Whole(string function, long a, long b, BigInteger exact)
    {
        if (exact >= long.MinValue && exact <= long.MaxValue)
            _library.Gives(CelValue.Of((long)exact), function, CelValue.Of(a), CelValue.Of(b));
        else
            _library.Fails(CelErrorKind.Arithmetic, function, CelValue.Of(a), CelValue.Of(b));
    }

    private void Natural(string function, ulong a, ulong b, BigInteger exact)
    {
        if (exact >= 0 && exact <= ulong.MaxValue)
            _library.Gives(CelValue.Of((ulong)exact), function, CelValue.Of(a), CelValue.Of(b));
        else
            _library.Fails(CelErrorKind.Arithmetic, function, CelValue.Of(a), CelValue.Of(b));
    }
}
