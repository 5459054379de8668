using System.Globalization;
using System.Text;
using CsCheck;
using Weft.Expressions;

namespace Weft.Tests.Expressions.Values;

/// <summary>Numbers of JSON as values.</summary>
public sealed class JsonSliceTests
{
    [Theory]
    [InlineData("0", 0L)]
    [InlineData("-0", 0L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("9223372036854775808", 9223372036854775808.0)]
    [InlineData("1.0", 1.0)]
    [InlineData("-0.0", -0.0)]
    [InlineData("0.1", 0.1)]
    [InlineData("999999999999999.0", 999999999999999.0)]
    [InlineData("0.000000000000001", 1e-15)]
    [InlineData("9007199254740993.0", 9007199254740992.0)]
    [InlineData("1e2", 100.0)]
    [InlineData("1.5E-3", 0.0015)]
    [InlineData("1e400", double.PositiveInfinity)]
    public void Numbers(string text, object expected)
    {
        var value = Read(text).ToObject();
        Assert.IsType(expected.GetType(), value);
        Assert.Equal(expected, value);
        Assert.True(value is not double number || double.IsNegative(number) == double.IsNegative((double)expected));
    }

    [Fact]
    public void Doubles_are_the_nearest_to_what_is_written() =>
        Gen.Select(Gen.Long[0, 99_999_999_999_999_999], Gen.Int[1, 17], Gen.Bool).Sample((digits, fraction, negative) =>
        {
            var text = digits.ToString(CultureInfo.InvariantCulture).PadLeft(fraction + 1, '0').Insert(0, negative ? "-" : "");
            text = text.Insert(text.Length - fraction, ".");
            Assert.Equal(double.Parse(text, CultureInfo.InvariantCulture), Read(text).ToObject());
        }, iter: 20_000);

    private static CelValue Read(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return JsonSlice.ReadNumber(bytes, 0, bytes.Length);
    }
}
