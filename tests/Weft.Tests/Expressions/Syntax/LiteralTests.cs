using System.Text;
using Weft.Expressions;
using Weft.Expressions.Syntax;

namespace Weft.Tests.Expressions.Syntax;

/// <summary>Corner cases of literals; what is common is in the official suite.</summary>
public sealed class LiteralTests
{
    [Theory]
    [InlineData("0x7fffffffffffffff", "9223372036854775807")]
    [InlineData("-0x8000000000000000", "-9223372036854775808")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("---1", "-1")]
    [InlineData("--1", "1")]
    [InlineData("0XFFu", "255u")]
    [InlineData("18446744073709551615U", "18446744073709551615u")]
    [InlineData(".5", "0.5")]
    [InlineData("1E-2", "0.01")]
    [InlineData("1e-400", "0.0")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("00017", "17")]
    [InlineData("1//2", "1")]
    [InlineData("//\n1\n//", "1")]
    [InlineData("\f\t\r\n 1", "1")]
    public void Numbers_are_read(string text, string value) => Assert.Equal(value, Literal(text).ToString());

    [Theory]
    [InlineData("''", "")]
    [InlineData("''''''", "")]
    [InlineData("'''x''x'''", "x''x")]
    [InlineData("\"\"\"a\\\"\"\"\"", "a\"")]
    [InlineData("r'\\'", "\\")]
    [InlineData("R\"\"\"\\n\n\"\"\"", "\\n\n")]
    [InlineData("'''a\r\nb\rc\nd'''", "a\nb\nc\nd")]
    [InlineData("r'''a\r\n\r\nb'''", "a\n\nb")]
    [InlineData("'\\r\\n'", "\r\n")]
    [InlineData("'\\a\\b\\f\\n\\r\\t\\v\\\\\\?\\`\\'\\\"'", "\a\b\f\n\r\t\v\\?`'\"")]
    [InlineData("'\\x41\\X42\\103\\u0044\\U00000045'", "ABCDE")]
    [InlineData("'\\377'", "\u00ff")]
    [InlineData("'\\U0001F600é😀'", "😀é😀")]
    public void Texts_are_read(string text, string value)
    {
        var literal = Literal(text);
        Assert.Equal(CelKind.String, literal.Kind);
        Assert.Equal(value, Encoding.UTF8.GetString(literal.AsSpan));
    }

    [Fact]
    public void Half_a_character_becomes_the_one_that_stands_for_errors() => Assert.Equal("\ufffd", Encoding.UTF8.GetString(Literal("'\ud83d'").AsSpan));

    [Theory]
    [InlineData("b'\\377\\xff\\000'", "FFFF00")]
    [InlineData("B\"ÿ\"", "C3BF")]
    [InlineData("br'\\n'", "5C6E")]
    [InlineData("bR'''\r\n'''", "0A")]
    public void Bytes_are_read(string text, string hex)
    {
        var literal = Literal(text);
        Assert.Equal(CelKind.Bytes, literal.Kind);
        Assert.Equal(hex, Convert.ToHexString(literal.AsSpan));
    }

    /// <summary>An error has the place of exactly what is wrong.</summary>
    [Theory]
    [InlineData("1 + 9223372036854775808", "9223372036854775808")]
    [InlineData("1 + -9223372036854775809", "-9223372036854775809")]
    [InlineData("18446744073709551616u", "18446744073709551616u")]
    [InlineData("[0x10000000000000000]", "0x10000000000000000")]
    [InlineData("1 + 1e309", "1e309")]
    [InlineData("1 + 0x", "0x")]
    [InlineData("1 + 0xfg", "0xfg")]
    [InlineData("1 + 12abc", "12abc")]
    [InlineData("'a\\q'", "\\q")]
    [InlineData("'a\\8'", "\\8")]
    [InlineData("'a\\x4g'", "\\x4g")]
    [InlineData("'a\\400'", "\\4")]
    [InlineData("'a\\18'", "\\18")]
    [InlineData("'a\\ud800'", "\\ud800")]
    [InlineData("'a\\U00110000'", "\\U00110000")]
    [InlineData("b'\\u0041'", "\\u")]
    [InlineData("x == 'abc", "'abc")]
    [InlineData("'abc\n'", "'abc")]
    [InlineData("\"\"\"abc\"\"", "\"\"\"abc\"\"")]
    [InlineData("'\\", "'\\")]
    [InlineData("rb'x'", "rb")]
    [InlineData("a.`b~c`", "`b~")]
    public void What_is_no_literal_is_pointed_to(string text, string wrong)
    {
        var problem = Parsing.Problems(text)[0];
        Assert.Equal(wrong, text.Substring(problem.Start, problem.Length));
        Assert.EndsWith(".", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_number_stands_where_its_sign_stands()
    {
        var sum = Assert.IsType<CallExpr>(Parsing.Tree("1 + -  25"));
        Assert.Equal(new TextSpan(4, 5, 4), sum.Arguments[1].Place);
    }

    private static CelValue Literal(string text) => Assert.IsType<LiteralExpr>(Parsing.Tree(text)).Value;
}
