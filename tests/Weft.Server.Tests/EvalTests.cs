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
        var (code, written, _) = Run((session, terminal) => session.Template("/a/{'x/../y'}?q={'1&2'}", Weft.Expressions.Data.TemplatePlace.Url, terminal));
        Assert.Equal((0, "/a/x%2F..%2Fy?q=1%262"), (code, written));
    }

    [Fact]
    public void The_prompt_keeps_variables_and_goes_on_after_errors()
    {
        var (code, written, said) = Run((session, terminal) =>
            new EvalPrompt(session, terminal, new StringReader("a = 3\na * 2\na +\n:type a == 3\n:nothing\n\n:quit\n1"), isTerminal: false).Run());
        Assert.Equal((0, "6\nbool"), (code, written.ReplaceLineEndings("\n")));
        Assert.Contains(":nothing", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cloud_event_is_the_variable_event()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, """{ "specversion": "1.0", "id": "7", "source": "/s", "type": "made", "data": { "total": 3 } }""");
        var (_, written, _) = Run((session, terminal) =>
        {
            session.Load(file);
            return session.Evaluate("event.type + string(event.data.total)", asJson: false, terminal);
        });
        File.Delete(file);
        Assert.Equal("'made3'", written);
    }

    private static (int ExitCode, string Output, string Error) Run(Func<EvalSession, Terminal, int> act)
    {
        using StringWriter output = new(), error = new();
        var session = new EvalSession();
        session.Set("total=2000");
        session.Set("""order={"id":"A-1","price":9.90,"lines":[{"sku":"a"},{"sku":"b"}]}""");
        var code = act(session, new Terminal(output, error, isTerminal: false));
        return (code, output.ToString().TrimEnd(), error.ToString().TrimEnd());
    }
}
