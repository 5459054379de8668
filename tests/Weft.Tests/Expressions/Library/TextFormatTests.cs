using Weft.Expressions;

namespace Weft.Tests.Expressions.Library;

public sealed class TextFormatTests
{
    [Theory]
    [InlineData("no substitution", "no substitution")]
    [InlineData("", "")]
    [InlineData("str is filler and some more", "str is %s and some more", "filler")]
    [InlineData("% and %text%", "%% and %%%s%%", "text")]
    [InlineData("1 2, A B", "%d %d, %s %s", 1, 2, "A", "B")]
    [InlineData("1.234 123.500 -123.500 2 2", "%.3f %.3f %.3f %.0f %.0f", 1.2345, 123.4999, -123.4999, 1.5, 2.5)]
    [InlineData("2.718280 3.000000 4.0", "%f %f %.1f", 2.71828, 3, 4u)]
    [InlineData("1.052033e+03 2.718280e+00 1e-07 1.5e+300", "%.6e %e %.0e %.1e", 1052.032911275, 2.71828, 1e-7, 1.5e300)]
    [InlineData("NaN Infinity -Infinity NaN", "%e %f %d %s", double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.NaN)]
    [InlineData("101 1 0 -101 1000000", "%b %b %b %b %b", 5, true, false, -5, 64u)]
    [InlineData("13 177777", "%o %o", 11, 65535u)]
    [InlineData("1e 1E -8000000000000000 ffffffffffffffff", "%x %X %x %x", 30, 30, long.MinValue, ulong.MaxValue)]
    [InlineData("48656c6c6f 48656C6C6F f09f9880", "%x %X %x", "Hello", "Hello", "😀")]
    [InlineData("true null 999999999999 32 56.8 xyz", "%s %s %s %s %s %s", true, null, 999999999999L, 32u, 56.8, "xyz")]
    [InlineData("100000000000000000000 0.00001234 -0.0001 1234567890123456.8 0 -0 1.5", "%s %s %s %s %s %s %s",
        1e20, 1.234e-5, -1e-4, 1234567890123456.8, 0.0, -0.0, 1.5)]
    [InlineData("[abc, 3.14, null, [9, 8]]", "%s", new object?[] { new object?[] { "abc", 3.14, null, new object[] { 9, 8 } } })]
    [InlineData("{a: [1, 2.5], b: x\"y}", "%s", "json:{\"b\":\"x\\\"y\",\"a\":[1,2.50]}")]
    [InlineData("{}[]", "%s%s", "json:{ }", "json:[ ]")]
    public void Fills_the_verbs(string expected, string format, params object?[] items) =>
        Assert.Equal($"'{expected}'", new LibraryCalls().Show("format", format, items));

    [Fact]
    public void Writes_times_types_decimals_and_sorted_maps()
    {
        var map = LibraryCalls.Map(("key2", CelValue.Duration(7200, 0)), (true, 4), (6, "x"), ("key1", 1.10m));
        CelValue[] items =
        [
            CelValue.Timestamp(1675467080, 0), CelValue.Timestamp(1, 120_000_000), CelValue.Timestamp(-62135596800, 1),
            CelValue.Duration(6347, 0), CelValue.Duration(-1, -500_000_000), CelValue.Duration(0, -1), CelValue.Of(CelType.AnyList), map,
            CelValue.Of(2.345m), CelValue.Of(2.345m),
        ];
        var text = new LibraryCalls().Show("format", "%s %s %s|%s %s %s|%s|%s|%.2f %d", items.Cast<object?>().ToArray());

        Assert.Equal(
            "'2023-02-03T23:31:20Z 1970-01-01T00:00:01.12Z 0001-01-01T00:00:00.000000001Z|6347s -1.5s -0.000000001s|list"
            + "|{6: x, key1: 1.10, key2: 7200s, true: 4}|2.34 2.345'", text);
    }

    [Theory]
    [InlineData("%a", 1)]
    [InlineData("%E", 0.5)]
    [InlineData("%d %d %d", 0, 1)]
    [InlineData("%", 1)]
    [InlineData("100%")]
    [InlineData("%.3", 1.5)]
    [InlineData("%.f", 1.5)]
    [InlineData("%.1001f", 1.5)]
    [InlineData("%.99999999999f", 1.5)]
    [InlineData("%b", "abc")]
    [InlineData("%b", 1.5)]
    [InlineData("%o", "a string")]
    [InlineData("%o", true)]
    [InlineData("%x", 0.5)]
    [InlineData("%d", new object?[] { null })]
    [InlineData("%e", new object?[] { null })]
    [InlineData("%f", "1.5")]
    [InlineData("%x", new object?[] { null })]
    [InlineData("%s", "json:[\"\\ud83d\"]")]
    public void Refuses_what_does_not_fit(string format, params object?[] items) =>
        Assert.Equal("error Argument", new LibraryCalls().Show("format", format, items));

    [Fact]
    public void Refuses_optionals_and_durations_as_numbers()
    {
        Assert.Equal("error Argument", new LibraryCalls().Show("format", "%s", new object?[] { CelValue.Of(CelOptional.None) }));
        Assert.Equal("error Argument", new LibraryCalls().Show("format", "%d", new object?[] { CelValue.Duration(1802, 0) }));
    }

    /// <summary>The digits of a double are rounded exactly, half to even, at any precision.</summary>
    [Theory]
    [InlineData("%.1f", 0.25, "0.2")]
    [InlineData("%.1f", 0.75, "0.8")]
    [InlineData("%.2f", 1.005, "1.00")]
    [InlineData("%.0f", 0.5, "0")]
    [InlineData("%.0e", 25.0, "2e+01")]
    [InlineData("%.55f", 0.1, "0.1000000000000000055511151231257827021181583404541015625")]
    public void Rounds_exactly(string format, double value, string expected) =>
        Assert.Equal($"'{expected}'", new LibraryCalls().Show("format", format, new object?[] { value }));
}
