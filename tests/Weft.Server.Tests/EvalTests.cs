using Weft.Server.Eval;

namespace Weft.Server.Tests;

/// <summary><c>weft eval</c>.</summary>
public sealed class EvalTests
{
    [Theory]
    [InlineData("1 + 2", 0, "3", "")]
    [InlineData("total > 1000", 0, "true", "")]
    [InlineData("order.lines.map(l, l.sku)", 0, "['a', 'b']", "")]
    [InlineData("order.none", 1, "", "error: No such key: 'none'.")]
    [InlineData("ordr.id", 1, "", "Did you mean 'order'?")]
    [InlineData("order.id +", 1, "", "^")]
    public void An_expression_gives_its_value_or_says_why_not(string text, int exitCode, string output, string error)
    {
        var (code, written, said) = Run((session, terminal) => session.Evaluate(text, asJson: false, terminal));
        Assert.Equal((exitCode, output), (code, written));
        Assert.Contains(error, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_keeps_the_digits_of_data()
    {
        var (_, written, _) = Run((session, terminal) => session.Evaluate("{'price': order.price, 'when': timestamp('2026-01-01T00:00:00Z')}", asJson: true, terminal));
        Assert.Equal("""{"price":9.90,"when":"2026-01-01T00:00:00Z"}""", written);
    }

    [Fact]
    public void An_explanation_has_each_part_with_its_value()
    {
        var (_, written, _) = Run((session, terminal) => session.Explain("total > 5000 && order.none == 1 || [1, 2].exists(x, x > 1)", terminal));
        Assert.Equal("""
            total > 5000 && order.none == 1 || [1, 2].exists(x, x > 1)  →  true
              total > 5000 && order.none == 1  →  false
                total > 5000  →  false
                  total  →  2000
                order.none == 1  →  not evaluated
                  order.none  →  not evaluated
              [1, 2].exists(x, x > 1)  →  true
                x > 1  →  false, true (2 rounds)
                  x  →  1, 2 (2 rounds)
            """.ReplaceLineEndings("\n"), written.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Of_many_rounds_the_one_that_decided_is_shown()
    {
        var (_, written, _) = Run((session, terminal) => session.Explain("[1, 2, 3, 4, 5, 6, 7, 8].exists(x, x > 7)", terminal));
        Assert.Contains("x > 7  →  false, false, false, false, …, true (8 rounds)", written, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_is_escaped_for_its_place()
    {
        var (code, written, _) = Run((session, terminal) => session.Template("/a/{'x/../y'}?q={'1&2'}", Weft.Expressions.Data.TemplatePlace.Url, asJson: false, terminal));
        Assert.Equal((0, "/a/x%2F..%2Fy?q=1%262"), (code, written));
    }

    [Fact]
    public void The_prompt_keeps_variables_and_goes_on_after_errors()
    {
        var (code, written, said) = Run((session, terminal) =>
            new EvalPrompt(session, terminal, new StringReader("a = 3\na * 2\na +\n:type a == 3\n:nothing\n\n:quit\n1"), isTerminal: false).Run());
        // No person reads along, so that the exit code has to tell of the errors.
        Assert.Equal((1, "6\nbool"), (code, written.ReplaceLineEndings("\n")));
        Assert.Contains(":nothing", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_CloudEvent_is_the_variable_event_as_a_topic_sees_it()
    {
        var (code, written, _) = WithFile(
            """{ "specversion": "1.0", "id": "7", "source": "/s", "type": "made", "time": "2026-03-29T01:30:00+01:00", "data": { "total": 3 } }""",
            "[event.type + string(event.data.total), type(event.time) == type(timestamp(0)), event.time.getHours('+00:00')]");
        Assert.Equal((0, "['made3', true, 0]"), (code, written));
    }

    [Theory]
    [InlineData("\ufeff{\"a\": 1}", "a", "1")]
    [InlineData("{\"a\": 1, \"a\": 2}", "a", "1")]
    public void Data_may_begin_with_a_byte_order_mark(string json, string text, string value) =>
        Assert.Equal((0, value), (WithFile(json, text).ExitCode, WithFile(json, text).Output));

    [Theory]
    [InlineData("", "is empty. It must hold JSON")]
    [InlineData("\ufeff \n", "is empty. It must hold JSON")]
    [InlineData("[1]", "holds no JSON map")]
    [InlineData("{\n \"a\": 1,}", ":2:9 This is no JSON: ")]
    [InlineData("""{ "specversion": "1.0", "id": "", "source": "/s", "type": "made" }""", "has the attributes of a CloudEvent and is none: ")]
    public void Data_that_cannot_be_used_are_a_usage_error(string json, string message)
    {
        var error = Assert.Throws<CommandException>(() => WithFile(json, "a"));
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("reader options", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_in_UTF_16_say_so()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "{}", System.Text.Encoding.Unicode);
        var error = Assert.Throws<CommandException>(() => new EvalSession().Load(file));
        File.Delete(file);
        Assert.Contains("is UTF-16", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("=1")]
    [InlineData("a b=1")]
    [InlineData("a={\"b\":")]
    [InlineData("a=[1")]
    [InlineData("a=1|a=2")]
    public void A_variable_that_is_none_is_a_usage_error(string assignments) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => new EvalSession().Set(assignments.Split('|'))).ExitCode);

    [Theory]
    [InlineData("7")]
    [InlineData("type(1)")]
    [InlineData("[1, 'a']")]
    public void An_explanation_of_a_constant_has_its_value(string text)
    {
        var (code, written, _) = Run((session, terminal) => session.Explain(text, terminal));
        Assert.Equal(0, code);
        Assert.StartsWith($"{text}  →  ", written, StringComparison.Ordinal);
        Assert.DoesNotContain("not evaluated", written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("total > 1 && order.linse == 1", 20, 5, "error: No such key: 'linse'. Did you mean 'lines'? There are: id, price, lines.")]
    [InlineData("1 + total / (3 - 3)", 11, 1, "error: Division by zero.")]
    [InlineData("order.lines.map(l, l.nix)", 22, 3, "error: No such key: 'nix'. There are: sku.")]
    [InlineData("total.nix", 7, 3, "has no fields")]
    [InlineData("order > 1", 7, 1, "'>' does not take map and int.")]
    public void An_error_of_the_data_has_its_place(string text, int column, int length, string message)
    {
        foreach (var act in (Func<EvalSession, Terminal, int>[])[(s, t) => s.Evaluate(text, asJson: false, t), (s, t) => s.Explain(text, t)])
        {
            var (code, _, said) = Run(act);
            Assert.Equal(1, code);
            Assert.StartsWith($"1:{column} error: ", said, StringComparison.Ordinal);
            Assert.Contains(message, said, StringComparison.Ordinal);
            Assert.EndsWith($"\n  {text}\n  {new string(' ', column - 1)}{new string('^', length)}", said.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_data_an_unknown_name_tells_where_they_come_from()
    {
        using StringWriter output = new(), error = new();
        new EvalSession().Evaluate("event.type", asJson: false, new Terminal(output, error, isTerminal: false));
        Assert.Contains("-d FILE", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_characters_as_they_are()
    {
        Assert.Equal("\"😀é\"", Run((session, terminal) => session.Evaluate("'😀é'", asJson: true, terminal)).Output);
        Assert.Equal("\"a😀\"", Run((session, terminal) => session.Template("a{'😀'}", Weft.Expressions.Data.TemplatePlace.Text, asJson: true, terminal)).Output);
    }

    private static (int ExitCode, string Output, string Error) WithFile(string json, string text)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, json);
            return Run((session, terminal) =>
            {
                session.Load(file);
                return session.Evaluate(text, asJson: false, terminal);
            });
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (int ExitCode, string Output, string Error) Run(Func<EvalSession, Terminal, int> act)
    {
        using StringWriter output = new(), error = new();
        var session = new EvalSession();
        session.Set(["total=2000", """order={"id":"A-1","price":9.90,"lines":[{"sku":"a"},{"sku":"b"}]}"""]);
        var code = act(session, new Terminal(output, error, isTerminal: false));
        return (code, output.ToString().TrimEnd(), error.ToString().TrimEnd());
    }
}
