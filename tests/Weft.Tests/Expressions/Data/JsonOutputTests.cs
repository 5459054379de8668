using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Expressions.Planning;
using Weft.Tests.Expressions.Values;

namespace Weft.Tests.Expressions.Data;

/// <summary>Values as JSON.</summary>
public sealed class JsonOutputTests
{
    [Theory]
    [InlineData("null", "null")]
    [InlineData("true", "true")]
    [InlineData("'a\"\\n\\\\é😀'", "\"a\\\"\\n\\\\é😀\"")]
    [InlineData("{'😀\"\\n': '𝔘\u2028'}", "{\"😀\\\"\\n\":\"𝔘\\u2028\"}")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("18446744073709551615u", "18446744073709551615")]
    [InlineData("0.1 + 0.2", "0.30000000000000004")]
    [InlineData("0.0 / 0.0", "<JSON has no number for NaN and infinity.>")]
    [InlineData("-1.0 / 0.0", "<JSON has no number for NaN and infinity.>")]
    [InlineData("decimal('1.10') + decimal('2.20')", "3.30")]
    [InlineData("b'abc'", "\"YWJj\"")]
    [InlineData("timestamp('2026-01-31T23:59:59.123456789Z')", "\"2026-01-31T23:59:59.123456789Z\"")]
    [InlineData("duration('-1.5s')", "\"-1.5s\"")]
    [InlineData("type(1)", "\"int\"")]
    [InlineData("optional.of(1)", "1")]
    [InlineData("optional.none()", "<An optional without a value cannot be JSON. Mark the entry with '?' to leave it out, or give a value with orValue().>")]
    [InlineData("[1, 'a', [], {}]", "[1,\"a\",[],{}]")]
    [InlineData("{'b': 1, 'a': 2, ?'c': optional.none()}", "{\"b\":1,\"a\":2}")]
    [InlineData("{1: 'i', 2u: 'u', true: 'b'}", "{\"1\":\"i\",\"2\":\"u\",\"true\":\"b\"}")]
    [InlineData("{1: 'i', '1': 's'}", "<A map has two keys that are the same name in JSON, such as 1 and '1'.>")]
    [InlineData("{'true': 's', true: 'b'}", "<A map has two keys that are the same name in JSON, such as 1 and '1'.>")]
    [InlineData("{'a': {'b': 1 / 0}}", "<Division by zero.>")]
    public void Of_expressions(string expression, string expected)
    {
        var slots = new SlotTable();
        var problems = new List<CelProblem>();
        var compiled = Compiler.Compile(expression, DataRun.Scope, slots, CelLimits.Default, problems);
        Assert.Empty(problems);
        using var buffer = new JsonBuffer();
        var frame = DataRun.Frame(slots, compiled!.Plan);
        Assert.Equal(expected, DataRun.Json(buffer, compiled.Plan, frame));
        // Made first and then written, it is the same.
        Assert.Equal(expected, DataRun.Json(buffer, new Plan(new ConstantNode(compiled.Plan.Evaluate(frame)), 0), frame));
    }

    [Fact]
    public void What_is_only_copied_stays_byte_for_byte() =>
        TestValues.Json().Where(json => json[0] != '"').Sample(json =>
            Assert.Equal(json.Trim(), DataRun.Json(TestValues.Slice(json))), iter: 2000);

    [Fact]
    public void What_is_made_reads_back_as_the_same_value() =>
        TestValues.Json().Where(json => !json.Contains("1e400", StringComparison.Ordinal)).Sample(json =>
        {
            var value = TestValues.Made(json);
            var written = DataRun.Json(value);
            using (JsonDocument.Parse(written))
                Assert.True(ValueOperations.Equal(value, TestValues.Slice(written), TestValues.Frame()), written);
        }, iter: 2000);

    [Fact]
    public void Numbers_read_back_as_they_were() =>
        TestValues.Number.Sample(number =>
        {
            var written = DataRun.Json(number);
            if (number.Kind == CelKind.Double && !double.IsFinite(number.AsDouble))
                Assert.StartsWith("<", written);
            else if (number.Kind == CelKind.Decimal)
                Assert.Equal(number.AsDecimal, decimal.Parse(written, System.Globalization.CultureInfo.InvariantCulture));
            else if (number.Kind == CelKind.Double)
                Assert.Equal(number.AsDouble, double.Parse(written, System.Globalization.CultureInfo.InvariantCulture));
            else
                Assert.Equal(number.ToObject()!.ToString(), written);
        }, iter: 2000);

    [Fact]
    public void A_text_that_is_no_UTF_8_does_not_throw() => Assert.Equal("\"a\\uFFFD\"", DataRun.Json(CelValue.String([0x61, 0xff])));

    [Fact]
    public void Only_characters_beyond_the_basic_plane_are_written_in_another_way_than_by_the_relaxed_encoder() =>
        Gen.OneOf(Gen.String, Gen.Char['\ud800', '\udfff'].Array[0, 9].Select(c => new string(c)), Gen.Const("\"😀\n😀"), Gen.Const("\U0010ffff\u2028")).Sample(text =>
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            text = System.Text.Encoding.UTF8.GetString(bytes);
            var (written, fromText) = (JsonEncodedText.Encode(bytes, PlainJsonEncoder.Instance).Value, JsonEncodedText.Encode(text, PlainJsonEncoder.Instance).Value);
            var expected = string.Concat(text.EnumerateRunes().Select(r => r.IsBmp ? JsonEncodedText.Encode(r.ToString(), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value : r.ToString()));
            Assert.Equal((expected, expected), (written, fromText));
        }, iter: 5000);

    [Fact]
    public void Values_nested_too_deep_are_an_error()
    {
        var value = CelValue.Null;
        for (var i = 0; i < 200; i++)
            value = CelValue.List([value]);
        Assert.Equal("<The value is nested too deep for JSON.>", DataRun.Json(value));
    }

    [Fact]
    public void After_an_error_the_buffer_is_as_new()
    {
        using var buffer = new JsonBuffer();
        var frame = DataRun.TestFrame();
        var wrong = new Plan(new ConstantNode(CelValue.List([CelValue.Of(1), CelValue.Of(CelError.DivideByZero)])), 0);
        Assert.Same(CelError.DivideByZero, buffer.Write(wrong, frame, out var nothing));
        Assert.True(nothing.IsEmpty);
        Assert.Equal("[1]", DataRun.Json(buffer, new Plan(new ConstantNode(CelValue.List([CelValue.Of(1)])), 0), frame));
    }
}
