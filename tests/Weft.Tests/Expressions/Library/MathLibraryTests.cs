namespace Weft.Tests.Expressions.Library;

public sealed class MathLibraryTests
{
    [Theory]
    [InlineData("-5", "math.@max", -5)]
    [InlineData("1", "math.@max", 1, 1.0)]
    [InlineData("3", "math.@max", 3, -3)]
    [InlineData("9223372036854775807", "math.@max", 1, long.MaxValue)]
    [InlineData("1.797693E+308d", "math.@max", 1, 1.797693e308)]
    [InlineData("5u", "math.@max", 5u, -7)]
    [InlineData("3u", "math.@max", -3, 3u)]
    [InlineData("18446744073709551615u", "math.@max", new object[] { new object[] { 5.4, 10, 3u, -5.0, ulong.MaxValue } })]
    [InlineData("10.5d", "math.@max", "json:[5.4, 10.5, 3, -5.0, 3.5]")]
    [InlineData("-5d", "math.@min", new object[] { new object[] { 5.4, 10, 3u, -5.0, long.MaxValue } })]
    [InlineData("-9223372036854775808", "math.@min", new object[] { new object[] { long.MinValue, -1, -5 } })]
    [InlineData("1u", "math.@min", 1u, 1)]
    [InlineData("error Argument", "math.@min", new object[] { new object[] { } })]
    [InlineData("error NoSuchOverload", "math.@min", new object[] { new object[] { 1, "2" } })]
    [InlineData("error Argument", "math.@max", 1.0, double.NaN)]
    [InlineData("error NoSuchOverload", "math.@max", "1", 2)]
    public void Finds_the_greatest_and_the_least(string expected, string name, params object[] arguments) =>
        Assert.Equal(expected, new LibraryCalls().Show(name, arguments));

    [Theory]
    [InlineData("-1d", "ceil", -1.2)]
    [InlineData("2d", "ceil", 1.2)]
    [InlineData("-2d", "floor", -1.2)]
    [InlineData("-2d", "round", -1.5)]
    [InlineData("-1d", "round", -1.4)]
    [InlineData("2d", "round", 1.5)]
    [InlineData("0d", "round", 0.49999999999999994)]
    [InlineData("NaNd", "round", double.NaN)]
    [InlineData("-1d", "trunc", -1.2)]
    [InlineData("9d", "sqrt", 81)]
    [InlineData("2d", "sqrt", 4u)]
    [InlineData("NaNd", "sqrt", -1.0)]
    [InlineData("1u", "abs", 1u)]
    [InlineData("11", "abs", -11)]
    [InlineData("11.5d", "abs", -11.5)]
    [InlineData("error Arithmetic", "abs", long.MinValue)]
    [InlineData("1u", "sign", 100u)]
    [InlineData("0u", "sign", 0u)]
    [InlineData("-1", "sign", -11)]
    [InlineData("-1d", "sign", -32.0)]
    [InlineData("0d", "sign", -0.0)]
    [InlineData("NaNd", "sign", double.NaN)]
    [InlineData("true", "isNaN", double.NaN)]
    [InlineData("false", "isNaN", double.PositiveInfinity)]
    [InlineData("true", "isInf", double.NegativeInfinity)]
    [InlineData("false", "isFinite", double.NegativeInfinity)]
    [InlineData("true", "isFinite", 1.5)]
    [InlineData("error NoSuchOverload", "ceil", 1)]
    [InlineData("error NoSuchOverload", "isNaN", true)]
    public void Rounds_and_tests(string expected, string name, object argument) =>
        Assert.Equal(expected, new LibraryCalls().Show($"math.{name}", argument));

    [Fact]
    public void Knows_decimals()
    {
        var calls = new LibraryCalls();
        Assert.Equal("-3m", calls.Show("math.round", -2.5m));
        Assert.Equal("3m", calls.Show("math.ceil", 2.1m));
        Assert.Equal("2.1m", calls.Show("math.abs", -2.1m));
        Assert.Equal("-1m", calls.Show("math.sign", -0.1m));
        Assert.Equal("1.1m", calls.Show("math.@max", 1.1m, 1));
        Assert.Equal("1.05d", calls.Show("math.@min", 1.1m, 1.05));
    }

    [Theory]
    [InlineData("1", "bitAnd", 1, -1)]
    [InlineData("0u", "bitAnd", 1u, 2u)]
    [InlineData("-2", "bitOr", 4, -2)]
    [InlineData("5u", "bitOr", 1u, 4u)]
    [InlineData("-6", "bitXor", 4, -2)]
    [InlineData("2u", "bitXor", 1u, 3u)]
    [InlineData("-2", "bitNot", 1)]
    [InlineData("18446744073709551614u", "bitNot", 1u)]
    [InlineData("4", "bitShiftLeft", 1, 2)]
    [InlineData("0", "bitShiftLeft", -1, 200)]
    [InlineData("-9223372036854775808", "bitShiftLeft", 1, 63)]
    [InlineData("0u", "bitShiftLeft", 1u, 64)]
    [InlineData("256", "bitShiftRight", 1024, 2)]
    [InlineData("2305843009213693824", "bitShiftRight", -1024, 3)]
    [InlineData("0", "bitShiftRight", -1024, 64)]
    [InlineData("0u", "bitShiftRight", 1024u, 200)]
    [InlineData("error Argument", "bitShiftLeft", 1u, -1)]
    [InlineData("error Argument", "bitShiftRight", 1, -1)]
    [InlineData("error NoSuchOverload", "bitAnd", 2u, 1)]
    [InlineData("error NoSuchOverload", "bitShiftLeft", 4.3, 1)]
    public void Works_on_bits(string expected, string name, params object[] arguments) =>
        Assert.Equal(expected, new LibraryCalls().Show($"math.{name}", arguments));
}
