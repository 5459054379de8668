using System.Numerics;
using CsCheck;
using Weft.Expressions;
using static Weft.Tests.Expressions.Values.TestValues;

namespace Weft.Tests.Expressions.Values;

public sealed class ValueOperationsTests
{
    private readonly Frame _frame = Frame();

    [Fact]
    public void Values_of_different_types_are_not_equal()
    {
        CelValue[] values =
        [
            CelValue.Null, CelValue.True, CelValue.Of(1L), Text("1"), CelValue.Bytes("1"u8.ToArray()), List(CelValue.Of(1L)), Map(), List(),
            CelValue.Timestamp(1, 0), CelValue.Duration(1, 0), CelValue.Of(CelType.Int), CelValue.Of(CelOptional.None),
        ];
        for (var i = 0; i < values.Length; i++)
        {
            for (var j = 0; j < values.Length; j++)
                Assert.Equal(i == j, ValueOperations.Equal(values[i], values[j], _frame));
        }
    }

    [Fact]
    public void Numbers_are_equal_without_rounding()
    {
        foreach (var (a, b, order) in (ReadOnlySpan<(CelValue, CelValue, int)>)
        [
            (CelValue.Of((1L << 53) + 1), CelValue.Of((double)(1L << 53)), 1),
            (CelValue.Of(long.MaxValue), CelValue.Of(9223372036854775808d), -1),
            (CelValue.Of(ulong.MaxValue), CelValue.Of(18446744073709551616d), -1),
            (CelValue.Of(0.1), CelValue.Of(0.1m), 1),
            (CelValue.Of(-0.1), CelValue.Of(-0.1m), -1),
            (CelValue.Of(0.5m), CelValue.Of(0.5), 0),
            (CelValue.Of(1L), CelValue.Of(double.Epsilon), 1),
            (CelValue.Of(-1L), CelValue.Of(0UL), -1),
            (CelValue.Of(-0.0), CelValue.Of(0L), 0),
        ])
        {
            Assert.Equal(order, Numbers.Compare(a, b));
            Assert.Equal(order == 0, ValueOperations.Equal(a, b, _frame));
        }
    }

    [Fact]
    public void Beside_a_double_the_order_of_an_int_is_that_of_the_nearest_double()
    {
        Assert.Equal(0, ValueOperations.Compare(CelValue.Of(long.MaxValue), CelValue.Of(9223372036854775808d)));
        Assert.Equal(0, ValueOperations.Compare(CelValue.Of(18446744073709551616d), CelValue.Of(ulong.MaxValue)));
        Assert.Equal(-1, ValueOperations.Compare(CelValue.Of(long.MaxValue), CelValue.Of(9223372036854777856d)));
    }

    [Fact]
    public void Nan_has_no_order_and_is_not_equal_to_itself()
    {
        var nan = CelValue.Of(double.NaN);
        foreach (var other in (CelValue[])[nan, CelValue.Of(1L), CelValue.Of(1UL), CelValue.Of(1.0), CelValue.Of(1m)])
        {
            Assert.Null(ValueOperations.Compare(nan, other));
            Assert.Null(ValueOperations.Compare(other, nan));
            Assert.False(ValueOperations.Equal(nan, other, _frame));
        }
        Assert.False(ValueOperations.Equal(List(nan), List(nan), _frame));
    }

    [Fact]
    public void The_order_of_numbers_is_that_of_their_exact_values() => Gen.Select(Number, Number).Sample((a, b) =>
    {
        var order = Numbers.Compare(a, b);
        int? exact = Exact(a) is { } x && Exact(b) is { } y ? x.CompareTo(y) : null;
        Assert.Equal(exact, order);
        Assert.Equal(-order, Numbers.Compare(b, a));
        Assert.Equal(-ValueOperations.Compare(a, b), ValueOperations.Compare(b, a));
        Assert.True(ValueOperations.Compare(a, b) is 0 || ValueOperations.Compare(a, b) == order);
        Assert.Equal(order == 0, ValueOperations.Equal(a, b, Frame()));
        Assert.Equal(order == 0, ValueOperations.SameKey(a, b));
    });

    [Fact]
    public void Json_equals_what_is_made_of_it() => Gen.Select(Json(), Json()).Sample((a, b) =>
    {
        var frame = Frame();
        Assert.True(ValueOperations.Equal(Slice(a), Slice(a), frame));
        Assert.True(ValueOperations.Equal(Slice(a), Made(a), frame));
        Assert.True(ValueOperations.Equal(Made(a), Slice(a), frame));
        var equal = ValueOperations.Equal(Made(a), Made(b), frame);
        Assert.Equal(equal, ValueOperations.Equal(Slice(a), Slice(b), frame));
        Assert.Equal(equal, ValueOperations.Equal(Slice(b), Made(a), frame));
        Assert.Equal(equal, ValueOperations.Equal(Made(b), Made(a), frame));
    });

    [Theory]
    [InlineData("""{"a":1,"b":[1,2]}""", """{ "b" : [1.0, 2], "\u0061" : 1 }""", true)]
    [InlineData("""{"a":1}""", """{"a":1,"b":2}""", false)]
    [InlineData("""{"a":null}""", """{"b":null}""", false)]
    [InlineData("[]", "[ ]", true)]
    [InlineData("[1,2]", "[2,1]", false)]
    [InlineData("[1]", "[1,1]", false)]
    public void Json_is_compared_by_value(string a, string b, bool equal)
    {
        Assert.Equal(equal, ValueOperations.Equal(Slice(a), Slice(b), _frame));
        Assert.Equal(equal, ValueOperations.Equal(Slice(b), Slice(a), _frame));
        Assert.Equal(equal, ValueOperations.Equal(Slice(a), Made(b), _frame));
    }

    [Fact]
    public void Texts_are_ordered_by_code_points()
    {
        // UTF-16 would put U+FF5E behind U+1F600.
        Assert.True(ValueOperations.Compare(Text("\uFF5E"), Text("\U0001F600")) < 0);
        Assert.True(ValueOperations.Compare(Text("a"), Text("ab")) < 0);
        Assert.True(ValueOperations.Compare(CelValue.Bytes([0xFF]), CelValue.Bytes([0x01, 0x02])) > 0);
        Assert.True(ValueOperations.Compare(CelValue.False, CelValue.True) < 0);
        Assert.True(ValueOperations.Compare(CelValue.Timestamp(-1, 999_999_999), CelValue.Timestamp(0, 0)) < 0);
        Assert.Null(ValueOperations.Compare(Text("1"), CelValue.Of(1L)));
        Assert.Null(ValueOperations.Compare(List(), List()));
    }

    [Fact]
    public void Comparing_shared_parts_again_and_again_ends_at_the_limit_of_steps()
    {
        CelValue a = List(CelValue.Of(1L)), b = List(CelValue.Of(1L));
        for (var i = 0; i < 60; i++)
            (a, b) = (List(a, a), List(b, b));
        ValueOperations.Equal(a, b, _frame);
        Assert.Equal(CelErrorKind.Limit, _frame.Halted!.Kind);
    }

    [Fact]
    public void Types_as_values_do_not_know_their_parameters()
    {
        Assert.True(ValueOperations.Equal(CelValue.Of(CelType.List(CelType.Int)), CelValue.Of(ValueOperations.TypeOf(List())), _frame));
        Assert.False(ValueOperations.Equal(CelValue.Of(CelType.Int), CelValue.Of(CelType.UInt), _frame));
    }

    /// <summary>A number as a fraction with a power of ten and one of two; enough for all types.</summary>
    private static BigInteger? Exact(CelValue value)
    {
        // Scaled by 10^28 * 2^1100, all are whole.
        var scale = BigInteger.Pow(10, 28) << 1100;
        switch (value.Kind)
        {
            case CelKind.Int:
                return value.AsInt * scale;
            case CelKind.UInt:
                return value.AsUInt * scale;
            case CelKind.Decimal:
                var parts = decimal.GetBits(value.AsDecimal);
                var digits = new BigInteger(new decimal(parts[0], parts[1], parts[2], parts[3] < 0, 0));
                return digits * scale / BigInteger.Pow(10, (parts[3] >> 16) & 0xFF);
            default:
                var number = value.AsDouble;
                if (double.IsNaN(number))
                    return null;
                if (double.IsInfinity(number))
                    return number > 0 ? scale << 1100 : -(scale << 1100);
                var bits = BitConverter.DoubleToInt64Bits(number);
                var exponent = (int)((bits >> 52) & 0x7FF);
                var mantissa = (bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52);
                var magnitude = (mantissa * scale) << Math.Max(exponent, 1);
                return (number < 0 ? -magnitude : magnitude) >> 1075;
        }
    }
}
