using Weft.Expressions;

namespace Weft.Tests.Expressions.Syntax;

/// <summary>What is said about mistakes: where, what was found, what is expected, and the remedy.</summary>
public sealed class ParserErrorTests
{
    /// <summary>Usual mistakes are named and pointed to, and the message has what to write instead.</summary>
    [Theory]
    [InlineData("a = b", "=", "'=='")]
    [InlineData("a === b", "===", "'=='")]
    [InlineData("a !== b", "!==", "'!='")]
    [InlineData("a <> b", "<>", "'!='")]
    [InlineData("a => b", "=>", "'>='")]
    [InlineData("a =< b", "=<", "'<='")]
    [InlineData("a & b", "&", "'&&'")]
    [InlineData("a | b", "|", "'||'")]
    [InlineData("a and b", "and", "'&&'")]
    [InlineData("[(a OR b)]", "OR", "'||'")]
    [InlineData("f(a is b)", "is", "'=='")]
    [InlineData("not a", "not", "'!'")]
    [InlineData("b && not (a)", "not", "'!'")]
    [InlineData("a not in b", "not", "!(x in list)")]
    [InlineData("a !in b", "!", "!(x in list)")]
    [InlineData("a ?? b", "??", "orValue")]
    [InlineData("a.map(x => x)", "=>", "what is done with each item of a list is written list.map(x, x + 1)")]
    [InlineData("a contains 'b'", "contains", "text.contains('…')")]
    [InlineData("a like 'b%'", "like", "startsWith")]
    [InlineData("${HOME}", "$", "${NAME}")]
    [InlineData("a; b", ";", "Leave it out")]
    [InlineData("# a", "#", "//")]
    [InlineData("if (a)", "if", "condition ? value : other")]
    [InlineData("a.'b-c'", "'b-c'", "a['x-y']")]
    [InlineData("a.in", "in", "a.`in`")]
    [InlineData("`b-c`", "`b-c`", "behind a '.'")]
    [InlineData("a == “b”", "“", "Texts stand in quotes")]
    [InlineData("2 ** 3", "*", "powers")]
    [InlineData("-!a", "!", "parentheses")]
    [InlineData("has(a)", "a", "has(event.data.total)")]
    [InlineData("[1].all(a.b, true)", "a.b", "simple name")]
    [InlineData("[1].all(@result, true)", "@", "no meaning")]
    [InlineData("{}.all(k, k, true)", "k", "its own name")]
    [InlineData("math.greatest('a')", "'a'", "numbers only")]
    [InlineData("f(a,)", ")", "another argument")]
    [InlineData("{'a' 1}", "1", "':' between key and value")]
    [InlineData("a b", "b", "Expected an operator or the end of the expression; found 'b'")]
    public void Usual_mistakes_have_their_remedy(string text, string wrong, string remedy)
    {
        var problem = Parsing.Problems(text)[0];
        Assert.Equal(wrong, text.Substring(problem.Start, problem.Length));
        Assert.Contains(remedy, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" // nothing\n", "empty")]
    [InlineData("a &&", "Expected a value")]
    [InlineData("(a", "an operator or ')'")]
    [InlineData("[1, 2", "',' or ']'")]
    [InlineData("{'a': 1", "',' or '}'")]
    [InlineData("a[1", "']'")]
    [InlineData("f(1", "',' or ')'")]
    [InlineData("a ? b", "':'")]
    [InlineData("a?.b", "a.?b")]
    [InlineData("a.", "name of a field")]
    public void What_ends_too_early_is_said_at_its_end(string text, string expected)
    {
        var problem = Assert.Single(Parsing.Problems(text));
        Assert.Equal((text.Length, 0), (problem.Start, problem.Length));
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_that_are_clear_are_all_reported_in_their_order()
    {
        var text = "a = 1e999 and b === '\\q' or not c.all(var, true) +";
        Assert.Equal(["=", "1e999", "and", "===", "\\q", "or", "not", "var", ""], Parsing.Problems(text).Select(p => text.Substring(p.Start, p.Length)));
    }

    [Fact]
    public void What_holds_an_error_is_not_blamed_again()
    {
        Assert.Single(Parsing.Problems("has(1e999)"));
        Assert.Single(Parsing.Problems("math.greatest('\\q')"));
    }

    [Fact]
    public void A_text_full_of_mistakes_has_few_problems() => Assert.InRange(Parsing.Problems("a" + string.Concat(Enumerable.Repeat(" = '\\q'", 1000))).Count, 9, 11);

    [Fact]
    public void A_message_does_not_repeat_a_long_text() => Assert.All(Parsing.Problems($"a '{new string('x', 10_000)}'"), p => Assert.InRange(p.Message.Length, 1, 200));

    [Fact]
    public void Words_that_are_operators_elsewhere_can_be_names_here() => Assert.Equal("_&&_(_&&_(and,or.and),is.eq(mod))", Parsing.Text("and && or.and && is.eq(mod)"));

    [Fact]
    public void A_problem_is_shown_below_its_line() => Assert.Equal(
        "2:4 Wrong.\n   b = c\n     ^", CelException.Show("a &&\r\n\tb = c\r\n", [new CelProblem(9, 1, "Wrong.")]));

    [Fact]
    public void Of_a_long_line_the_part_around_the_problem_is_shown()
    {
        var text = new string('a', 500) + "!" + new string('b', 500);
        var lines = CelException.Show(text, [new CelProblem(500, 400, "Wrong.")]).Split('\n');
        Assert.Equal("1:501 Wrong.", lines[0]);
        Assert.Equal($"  …{new string('a', 120)}!{new string('b', 79)}…", lines[1]);
        Assert.Equal(lines[1].IndexOf('!', StringComparison.Ordinal), lines[2].IndexOf('^', StringComparison.Ordinal));
        Assert.Equal(80, lines[2].Count(c => c == '^'));
    }
}
