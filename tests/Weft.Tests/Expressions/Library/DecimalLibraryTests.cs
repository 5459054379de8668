using System.Text;
using CsCheck;
using Weft.Expressions;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Library;

public sealed class DecimalLibraryTests
{
    private const string NoDecimal = "no decimal", NotExact = "no exact decimal", OutOfRange = "out of", NoMode = "knows the modes", Places = "0 to 28";

    private static readonly Gen<decimal> s_decimals =
        Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Bool, Gen.Byte[0, 28], (low, middle, high, negative, scale) => new decimal(low, middle, high, negative, scale));

    [Theory]
    [InlineData("decimal('1.19')", "1.19")]
    [InlineData("decimal('1.50')", "1.50")]
    [InlineData("decimal('-0.05')", "-0.05")]
    [InlineData("decimal('+.5')", "0.5")]
    [InlineData("decimal('5.')", "5")]
    [InlineData("decimal('007')", "7")]
    [InlineData("decimal('1e3')", "1000")]
    [InlineData("decimal('1.25E-2')", "0.0125")]
    [InlineData("decimal('0e999')", "0")]
    [InlineData("decimal('79228162514264337593543950335')", "79228162514264337593543950335")]
    [InlineData("decimal('79228162514264337593543950335.000000')", "79228162514264337593543950335")]
    [InlineData("decimal('0.0000000000000000000000000001')", "0.0000000000000000000000000001")]
    [InlineData("decimal('0.00000000000000000000000000010')", "0.0000000000000000000000000001")]
    [InlineData("decimal('0.00000000000000000000000000001')", NoDecimal)]
    [InlineData("decimal('79228162514264337593543950336')", NoDecimal)]
    [InlineData("decimal('1e29')", NoDecimal)]
    [InlineData("decimal('1e-29')", NoDecimal)]
    [InlineData("decimal('1e9999999999')", NoDecimal)]
    [InlineData("decimal('1e-9999999999')", NoDecimal)]
    [InlineData("decimal('1.00000000000000000000000000000000000000000001')", NoDecimal)]
    [InlineData("decimal('')", NoDecimal)]
    [InlineData("decimal('.')", NoDecimal)]
    [InlineData("decimal('1,5')", NoDecimal)]
    [InlineData("decimal('1.2.3')", NoDecimal)]
    [InlineData("decimal(' 1')", NoDecimal)]
    [InlineData("decimal('1e')", NoDecimal)]
    [InlineData("decimal('--1')", NoDecimal)]
    [InlineData("decimal('NaN')", NoDecimal)]
    [InlineData("decimal(42)", "42")]
    [InlineData("decimal(18446744073709551615u)", "18446744073709551615")]
    [InlineData("decimal(0.1)", "0.1")]
    [InlineData("decimal(-1.5e3)", "-1500")]
    [InlineData("decimal(1e-7)", "0.0000001")]
    [InlineData("decimal(1e300)", NotExact)]
    [InlineData("decimal(1e-300)", NotExact)]
    [InlineData("decimal(double('NaN'))", NotExact)]
    [InlineData("decimal(decimal('1.0'))", "1.0")]
    [InlineData("int(decimal('-1.9'))", "-1")]
    [InlineData("int(decimal('9223372036854775807.9'))", "9223372036854775807")]
    [InlineData("int(decimal('9223372036854775808'))", OutOfRange)]
    [InlineData("uint(decimal('18446744073709551615'))", "18446744073709551615")]
    [InlineData("uint(decimal('-0.9'))", "0")]
    [InlineData("uint(decimal('-1'))", OutOfRange)]
    [InlineData("double(decimal('0.1')) == 0.1", "true")]
    [InlineData("double(decimal('1.000000000000000000000000001')) == 1.0", "true")]
    [InlineData("type(decimal('1')) == decimal", "true")]
    // Rounding.
    [InlineData("decimal('2.5').round()", "2")]
    [InlineData("decimal('3.5').round()", "4")]
    [InlineData("decimal('1.005').round(2)", "1.00")]
    [InlineData("decimal('1.015').round(2)", "1.02")]
    [InlineData("decimal('1.005').round(2, 'halfUp')", "1.01")]
    [InlineData("decimal('-1.005').round(2, 'halfUp')", "-1.01")]
    [InlineData("decimal('1.005').round(2, 'halfEven')", "1.00")]
    [InlineData("decimal('1.001').round(2, 'up')", "1.01")]
    [InlineData("decimal('-1.001').round(2, 'up')", "-1.01")]
    [InlineData("decimal('1.009').round(2, 'down')", "1.00")]
    [InlineData("decimal('-1.009').round(2, 'down')", "-1.00")]
    [InlineData("decimal('-1.001').round(2, 'floor')", "-1.01")]
    [InlineData("decimal('-1.009').round(2, 'ceiling')", "-1.00")]
    [InlineData("decimal('1.001').round(2, 'ceiling')", "1.01")]
    [InlineData("decimal('1.5').round(28)", "1.5")]
    [InlineData("decimal('1.5').round(29)", Places)]
    [InlineData("decimal('1.5').round(-1)", Places)]
    [InlineData("decimal('1.5').round(1, 'nearest')", NoMode)]
    [InlineData("decimal('-1.50').abs()", "1.50")]
    [InlineData("decimal('-1.50').scale()", "2")]
    [InlineData("decimal('-1.5').floor()", "-2")]
    [InlineData("decimal('-1.5').ceil()", "-1")]
    [InlineData("decimal('-1.5').trunc()", "-1")]
    // Operators.
    [InlineData("decimal('0.1') + decimal('0.2') == decimal('0.3')", "true")]
    [InlineData("3 * decimal('1.19')", "3.57")]
    [InlineData("decimal('10') / 4u", "2.5")]
    [InlineData("decimal('-7.5') % 2", "-1.5")]
    [InlineData("decimal('1.5') > 1 && decimal('1.5') < 2u && decimal('1.5') == 1.5", "true")]
    [InlineData("decimal('79228162514264337593543950335') + 1", OutOfRange)]
    [InlineData("decimal('1') / 0", "Division by zero")]
    [InlineData("decimal('1') % 0", "Modulus by zero")]
    public void Gives(string expression, string expected)
    {
        var value = CelEnvironment.Default.Compile($"string({expression})").Evaluate();
        if (value.IsError)
            Assert.Contains(expected, value.Error!.Message, StringComparison.Ordinal);
        else
            Assert.Equal(expected, value.ToObject());
    }

    [Theory]
    [InlineData("1.10", "1.10")]
    [InlineData("12345678901234567.89", "12345678901234567.89")]
    [InlineData("1.5e2", "150")]
    [InlineData("1.123456789012345678901234567890", NotExact)]
    public void A_number_of_json_keeps_its_digits(string json, string expected)
    {
        var run = new LibraryRun(DecimalLibrary.Register);
        var value = run.Call("decimal", LibraryCalls.Json($"[{json}]") is var list && ListReader.TryItem(list, 0, run.Frame, out var item) ? item : list);
        if (value.IsError)
            Assert.Contains(expected, value.Error!.Message, StringComparison.Ordinal);
        else
            Assert.Equal(expected, Encoding.UTF8.GetString(run.Call("string", value).AsSpan));
    }

    [Fact]
    public void Decimals_come_back_from_their_text() => s_decimals.Sample(value =>
    {
        var frame = new Frame(0, 0, CelLimits.Default);
        return DecimalText.TryParse(DecimalText.ToText(value, frame).AsSpan, out var back) && back == value && back.Scale == value.Scale;
    });

    /// <summary>Exact at the limits, and never an exception.</summary>
    [Fact]
    public void Arithmetic_is_that_of_the_framework_or_an_error() => Gen.Select(Gen.OneOf(s_decimals, Gen.Const(decimal.MaxValue), Gen.Const(0.5m)), s_decimals).Sample((a, b) =>
        Same(DecimalMath.Add(a, b), () => a + b) && Same(DecimalMath.Subtract(a, b), () => a - b) && Same(DecimalMath.Multiply(a, b), () => a * b)
        && Same(DecimalMath.Divide(a, b), () => a / b) && Same(DecimalMath.Modulo(a, b), () => a % b)
        && DecimalMath.Compare(a, b).AsInt == a.CompareTo(b));

    [Fact]
    public void Nothing_is_allocated()
    {
        CelValue price = CelValue.Of(1.19m);
        (string Name, CelValue[] Arguments)[] all =
        [
            ("decimal", [CelValue.Of("1.19")]), ("decimal", [CelValue.Of(0.1)]), ("string", [price]), ("double", [price]), ("int", [price]),
            ("round", [price, CelValue.Of(1L), CelValue.Of("halfUp")]), ("decimal", [CelValue.Of("x")]),
        ];
        foreach (var (name, arguments) in all)
            LibraryAllocation.IsNone(DecimalLibrary.Register, name, arguments);
    }

    private static bool Same(CelValue actual, Func<decimal> expected)
    {
        try
        {
            var value = expected();
            return actual.Kind == CelKind.Decimal && actual.AsDecimal == value;
        }
        catch (Exception problem) when (problem is OverflowException or DivideByZeroException)
        {
            return actual.Error?.Kind == CelErrorKind.Arithmetic;
        }
    }
}
