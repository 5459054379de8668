using System.Globalization;
using CsCheck;
using Weft.Expressions;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Library;

public sealed class ConversionTests
{
    private readonly LibraryRun _library = new(StandardLibrary.Register);

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(1.0, "1")]
    [InlineData(-4.5e-3, "-0.0045")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(123.456, "123.456")]
    [InlineData(999999.0, "999999")]
    [InlineData(100000.5, "100000.5")]
    [InlineData(1000000.0, "1e+06")]
    [InlineData(1234567.0, "1.234567e+06")]
    [InlineData(1e23, "1e+23")]
    [InlineData(1e100, "1e+100")]
    [InlineData(double.MaxValue, "1.7976931348623157e+308")]
    [InlineData(double.Epsilon, "5e-324")]
    [InlineData(0.1, "0.1")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Doubles_are_written_with_the_fewest_digits(double value, string text)
    {
        _library.Gives(CelValue.Of(text), "string", CelValue.Of(value));
        _library.Gives(CelValue.Of(value), "double", CelValue.Of(text));
    }

    [Fact]
    public void Doubles_come_back_from_their_text() => Gen.Double.Sample(value =>
        Assert.Equal(value, _library.Call("double", _library.Call("string", CelValue.Of(value))).AsDouble));

    [Fact]
    public void Ints_come_back_from_their_text() => Gen.Long.Sample(value =>
    {
        _library.Gives(CelValue.Of(value.ToString(CultureInfo.InvariantCulture)), "string", CelValue.Of(value));
        _library.Gives(CelValue.Of(value), "int", CelValue.Of(value.ToString(CultureInfo.InvariantCulture)));
    });

    [Theory]
    [InlineData("+5", 5)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("007", 7)]
    public void Texts_are_read_as_ints(string text, long value) => _library.Gives(CelValue.Of(value), "int", CelValue.Of(text));

    [Theory]
    [InlineData("int", "")]
    [InlineData("int", " 1")]
    [InlineData("int", "1 ")]
    [InlineData("int", "1.0")]
    [InlineData("int", "1\0")]
    [InlineData("int", "9223372036854775808")]
    [InlineData("uint", "-1")]
    [InlineData("uint", "+1")]
    [InlineData("uint", "18446744073709551616")]
    [InlineData("double", "")]
    [InlineData("double", "1,5")]
    [InlineData("double", "1e400")]
    [InlineData("double", " 1")]
    [InlineData("double", "1\0")]
    [InlineData("double", "infin")]
    [InlineData("bool", "TrUe")]
    [InlineData("bool", "")]
    [InlineData("bool", "2")]
    public void Texts_that_are_none_are_errors(string function, string text) => _library.Fails(CelErrorKind.Argument, function, CelValue.Of(text));

    [Theory]
    [InlineData(-9223372036854775808d)]
    [InlineData(9223372036854775807d)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Doubles_out_of_range_are_no_ints(double value)
    {
        _library.Fails(CelErrorKind.Arithmetic, "int", CelValue.Of(value));
        if (value is not 9223372036854775807d)
            _library.Fails(CelErrorKind.Arithmetic, "uint", CelValue.Of(value));
    }

    [Fact]
    public void Doubles_lose_what_is_behind_the_point()
    {
        _library.Gives(CelValue.Of(-7L), "int", CelValue.Of(-7.9));
        _library.Gives(CelValue.Of(9223372036854774784L), "int", CelValue.Of(9223372036854774784d));
        _library.Gives(CelValue.Of(7UL), "uint", CelValue.Of(7.9));
        _library.Gives(CelValue.Of(1UL << 63), "uint", CelValue.Of(9223372036854775808d));
        _library.Fails(CelErrorKind.Arithmetic, "uint", CelValue.Of(18446744073709551616d));
        _library.Fails(CelErrorKind.Arithmetic, "uint", CelValue.Of(-0.5));
        _library.Fails(CelErrorKind.Arithmetic, "uint", CelValue.Of(-1L));
        _library.Fails(CelErrorKind.Arithmetic, "int", CelValue.Of(1UL << 63));
    }

    [Fact]
    public void Bytes_and_texts_share_their_bytes()
    {
        var text = CelValue.Of("ÿ");
        var bytes = _library.Call("bytes", text);
        Assert.Equal(CelKind.Bytes, bytes.Kind);
        Assert.Equal([0xC3, 0xBF], bytes.AsSpan.ToArray());
        _library.Gives(text, "string", bytes);
        _library.Fails(CelErrorKind.Argument, "string", CelValue.Bytes([0, 0xFF]));
    }

    [Fact]
    public void The_type_of_a_value_is_a_value()
    {
        _library.Gives(CelValue.Of(CelType.Double), "type", CelValue.Of(1.0));
        _library.Gives(CelValue.Of(CelType.AnyList), "type", CelValue.List([]));
        _library.Gives(_library.Call("type", CelValue.Of(CelType.Int)), "type", CelValue.Of(CelType.Bool));
    }
}
