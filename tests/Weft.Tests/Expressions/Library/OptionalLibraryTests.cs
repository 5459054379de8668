using Weft.Expressions;

namespace Weft.Tests.Expressions.Library;

public sealed class OptionalLibraryTests
{
    private static readonly CelValue s_none = CelValue.Of(CelOptional.None);

    private readonly LibraryCalls _calls = new();

    [Fact]
    public void Holds_a_value_or_none()
    {
        var one = _calls.Call("optional.of", CelValue.Of(1L));
        Assert.Equal("optional(1)", _calls.Show(one));
        Assert.Equal("optional(null)", _calls.Show("optional.of", [null]));
        Assert.Equal("none", _calls.Show("optional.none"));
        Assert.Equal("true", _calls.Show("hasValue", one));
        Assert.Equal("false", _calls.Show("hasValue", s_none));
        Assert.Equal("1", _calls.Show("value", one));
        Assert.Equal("error Argument", _calls.Show("value", s_none));
        Assert.Equal("optional(1)", _calls.Show("or", s_none, one));
        Assert.Equal("optional(1)", _calls.Show("or", one, s_none));
        Assert.Equal("none", _calls.Show("or", s_none, s_none));
        Assert.Equal("42", _calls.Show("orValue", s_none, 42));
        Assert.Equal("1", _calls.Show("orValue", one, 42));
        Assert.Equal("error NoSuchOverload", _calls.Show("value", 1));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(0, true)]
    [InlineData(0u, true)]
    [InlineData(-0.0, true)]
    [InlineData(0.1, false)]
    [InlineData(double.NaN, false)]
    [InlineData("", true)]
    [InlineData(" ", false)]
    [InlineData("json:[ ]", true)]
    [InlineData("json:[0]", false)]
    [InlineData("json:{\n}", true)]
    [InlineData("json:{\"a\":null}", false)]
    public void Knows_the_zero_of_every_type(object? value, bool isZero)
    {
        var optional = _calls.Call("optional.ofNonZeroValue", LibraryCalls.Value(value));
        Assert.Equal(isZero, !optional.AsOptional.HasValue);
    }

    [Fact]
    public void Knows_the_zero_of_times_decimals_maps_and_optionals()
    {
        CelValue[] zeros =
        [
            CelValue.Bytes([]), CelValue.List([]), CelValue.Timestamp(0, 0), CelValue.Duration(0, 0), CelValue.Of(0.00m), LibraryCalls.Map(), s_none,
        ];
        CelValue[] others =
        [
            CelValue.Timestamp(0, 1), CelValue.Duration(-1, 0), CelValue.Of(0.01m), LibraryCalls.Map(("a", 1)), CelValue.Of(CelType.Int),
            CelValue.Of(CelOptional.Of(CelValue.Null)),
        ];
        Assert.All(zeros, zero => Assert.Equal("none", _calls.Show("optional.ofNonZeroValue", zero)));
        Assert.All(others, other => Assert.NotEqual("none", _calls.Show("optional.ofNonZeroValue", other)));
    }

    [Theory]
    [InlineData("[]", "none", "none")]
    [InlineData("[1]", "optional(1)", "optional(1)")]
    [InlineData("[1, \"b\\n\", null]", "optional(1)", "optional(null)")]
    public void Takes_the_ends_of_lists(string json, string first, string last)
    {
        var list = LibraryCalls.Json(json);
        Assert.Equal(first, _calls.Show("first", list));
        Assert.Equal(last, _calls.Show("last", list));
    }

    [Theory]
    [InlineData("optional.unwrap")]
    [InlineData("unwrapOpt")]
    public void Unwraps_lists(string name)
    {
        var one = CelValue.Of(CelOptional.Of(CelValue.Of(1L)));
        Assert.Equal("[1, 1]", _calls.Show(name, new object[] { new object[] { one, s_none, one } }));
        Assert.Equal("[]", _calls.Show(name, new object[] { Array.Empty<object>() }));
        Assert.Equal("error NoSuchOverload", _calls.Show(name, new object[] { new object[] { one, 1 } }));
    }
}
