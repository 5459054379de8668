using System.Text;
using CsCheck;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Expressions.Planning;

namespace Weft.Tests.Expressions.Data;

/// <summary>Templates: what comes out, what is refused, and that no value leaves its place.</summary>
public sealed class TemplateTests
{
    private const string Input = """
        {"s":"a b/ü?&=#%'\"","n":1.50,"i":7,"t":true,"none":null,"list":[1],"map":{},"empty":"","dot":".","dots":"..","tail":"a b/c/..d","up":"a/../b","two":"a//b","lead":"/a","line":"a\r\nb","tab":"a\tb","enc":"%2e%2e",
         "*tail":"a%20b/c/..d","*empty":"","*s":"a%2fb/ü?&=#%'\"","*up":"a/../b","*two":"a//b","*lead":"/a","*enc":"a/%2e./b","*semi":"a/..;x/b","*end":"a/%2E"}
        """;

    [Theory]
    [InlineData("Text", "", "")]
    [InlineData("Text", "plain", "plain")]
    [InlineData("Text", "{{x}} {x.i}}}{{", "{x} 7}{")]
    [InlineData("Text", "{x.s}", "a b/ü?&=#%'\"")]
    [InlineData("Text", "{x.n} {x.t} {1u} {2.5} {decimal('1.10')} {duration('90s')} {timestamp('2026-01-31T00:00:00Z')}", "1.50 true 1 2.5 1.10 90s 2026-01-31T00:00:00Z")]
    [InlineData("Text", "{'}' + \"{{\" + {'a': '}'}['a']}", "}{{}")]
    [InlineData("Text", "{ [1, 2].map(e, string(e)).join(',') }", "1,2")]
    [InlineData("Url", "/a/{x.s}/b", "/a/a%20b%2F%C3%BC%3F%26%3D%23%25%27%22/b")]
    [InlineData("Url", "/a/{x.enc}", "/a/%252e%252e")]
    [InlineData("Url", "/a?b={x.s}&c={x.empty}", "/a?b=a%20b%2F%C3%BC%3F%26%3D%23%25%27%22&c=")]
    [InlineData("Url", "/a?b={x.dots}/{x.dots}", "/a?b=../..")]
    [InlineData("Url", "/a/v{x.empty}", "/a/v")]
    [InlineData("Url", "/a/{x.i}.{x.t}", "/a/7.true")]
    [InlineData("QueryValue", "{x.s}", "a%20b%2F%C3%BC%3F%26%3D%23%25%27%22")]
    [InlineData("HeaderValue", "v={x.s}", "v=a b/%C3%BC?&=#%'\"")]
    [InlineData("HeaderValue", "{x.tab}", "a\tb")]
    public void Filled(string place, string template, string expected) => Assert.Equal(expected, Run(template, Enum.Parse<TemplatePlace>(place)));

    [Theory]
    [InlineData("Text", "a {x.none}", "{x.none} gives a value of type null.")]
    [InlineData("Text", "{x.list}", "{x.list} gives a value of type list")]
    [InlineData("Text", "{x.map}", "{x.map} gives a value of type map")]
    [InlineData("Text", "{x.no}", "{x.no}: No such key: 'no'.")]
    [InlineData("Url", "/a/{x.empty}", "{x.empty} gives an empty text")]
    [InlineData("Url", "/a/{x.empty}/b", "{x.empty} gives an empty text")]
    [InlineData("Url", "/a/{x.empty}?q=1", "{x.empty} gives an empty text")]
    [InlineData("Url", "/a/{x.empty}{x.empty}", "{x.empty} gives an empty text")]
    [InlineData("Url", "/{x.empty}{x.empty}/evil.example", "{x.empty} gives an empty text")]
    [InlineData("Url", "{x.empty}/evil.example", "{x.empty} gives an empty text")]
    [InlineData("Url", "/a/{x.dots}", "The values of the holes make a path with the segment '.' or '..'.")]
    [InlineData("Url", "/a/{x.dots}/b?c", "The values of the holes make a path with the segment '.' or '..'.")]
    [InlineData("Url", "/a/{x.dot}{x.dot}", "The values of the holes make a path with the segment '.' or '..'.")]
    [InlineData("Url", "/a/.{x.empty}", "The values of the holes make a path with the segment '.' or '..'.")]
    [InlineData("HeaderValue", "{x.line}", "{x.line} gives a text with control characters")]
    public void Refused(string place, string template, string error) => Assert.StartsWith($"<{error}", Run(template, Enum.Parse<TemplatePlace>(place)));

    [Theory]
    [InlineData("tail", "/o/a%20b/c/..d")]
    [InlineData("empty", "/o/")]
    [InlineData("s", "/o/a%2fb/%C3%BC%3F&=%23%25'%22")]
    [InlineData("enc", "<The values of the holes make a path with the segment '.' or '..'.>")]
    [InlineData("semi", "<The values of the holes make a path with the segment '.' or '..'.>")]
    [InlineData("end", "<The values of the holes make a path with the segment '.' or '..'.>")]
    [InlineData("up", "<The values of the holes make a path with the segment '.' or '..'.>")]
    [InlineData("two", "<The values of the holes make a path with an empty segment.>")]
    [InlineData("lead", "<The values of the holes make a path with an empty segment.>")]
    public void The_rest_of_the_path_keeps_its_slashes_and_escapes_and_cannot_go_up(string name, string expected) =>
        Assert.Equal(expected, Run($"/o/{{path.{name}}}", TemplatePlace.Url, name));

    [Fact]
    public void Only_the_hole_that_is_the_rest_keeps_slashes() =>
        Assert.Equal("/a%20b%2Fc%2F..d?q=a%20b%2Fc%2F..d", Run("/{x.tail}?q={path.tail}", TemplatePlace.Url, "tail"));

    [Theory]
    [InlineData("Text", "ab}", 2)]
    [InlineData("Text", "a{x.s", 1)]
    [InlineData("Text", "a{'x}", 2)]
    [InlineData("Text", "a{}", 1)]
    [InlineData("Text", "a{ }", 1)]
    [InlineData("Text", "{x.s} {1 +}", 10)]
    [InlineData("Text", "{x.s} {y}", 7)]
    [InlineData("Text", "ab{[1]}", 3)]
    [InlineData("Text", "ab{null}", 3)]
    [InlineData("HeaderValue", "a\n{x.s}", 1)]
    [InlineData("Url", "/a\r{x.s}", 2)]
    public void Mistakes_have_their_place_in_the_whole_text(string place, string template, int start)
    {
        var problems = new List<CelProblem>();
        Assert.Null(Template.Compile(template, Enum.Parse<TemplatePlace>(place), DataRun.Scope, new SlotTable(), CelLimits.Default, problems));
        Assert.Equal(start, Assert.Single(problems).Start);
    }

    [Fact]
    public void Random_templates_never_throw() =>
        Gen.Char["{}'\"/?.x s1+[]\\\n"].Array[0, 20].Select(chars => new string(chars)).Sample(text =>
        {
            var problems = new List<CelProblem>();
            var plan = Template.Compile(text, TemplatePlace.Url, DataRun.Scope, new SlotTable(), CelLimits.Default, problems);
            Assert.Equal(plan is null, problems.Any(p => !p.IsWarning));
            Assert.All(problems, p => Assert.InRange(p.Start, 0, text.Length));
        }, iter: 5000);

    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.Char["ab./\\?#&=%;:@ +\r\n\0\u007f\u0085é\u20ac{}<>\"'|^`~_-"].Array[0, 8].Select(chars => new string(chars)),
        Gen.String[0, 8].Where(text => !text.Any(char.IsSurrogate)),
        Values.TestValues.Among("", ".", "..", "../x", "//x", "%2e%2e", "a/..", "😀", "http://x/"));

    [Fact]
    public void No_value_leaves_its_segment_or_its_part_of_the_query() =>
        Gen.Select(s_text, s_text, s_text).Sample((first, second, third) =>
        {
            var (plan, frame) = Plan("/r/{x.a}/m{x.b}/t?q={x.c}&z=1", TemplatePlace.Url, null);
            Set(frame, CelValue.Of(first), CelValue.Of(second), CelValue.Of(third));
            var value = plan.Evaluate(frame);
            if (value.IsError)
            {
                Assert.Contains(first, (string[])["", ".", ".."]);
                return;
            }
            var url = new Uri("http://host" + value.ToObject());
            Assert.Equal("host", url.Host);
            Assert.Equal("", url.Fragment);
            Assert.Equal(["/", "r/", first, "m" + second, "t"], url.Segments.Select((s, i) => i < 2 ? s : Uri.UnescapeDataString(s.TrimEnd('/'))));
            Assert.Equal(["?q=" + Uri.EscapeDataString(third), "z=1"], url.AbsoluteUri[url.AbsoluteUri.IndexOf('?', StringComparison.Ordinal)..].Split('&'));
        }, iter: 5000);

    [Fact]
    public void The_rest_of_a_path_stays_below_it() =>
        s_text.Sample(text =>
        {
            var (plan, frame) = Plan("/r/{path.tail}", TemplatePlace.Url, "tail");
            Set(frame, CelValue.Of(text), CelValue.Of(text));
            var value = plan.Evaluate(frame);
            if (value.IsError)
                return;
            var url = new Uri("http://host" + value.ToObject());
            Assert.StartsWith("/r/", url.AbsolutePath, StringComparison.Ordinal);
            Assert.Equal("", url.Query + url.Fragment);
        }, iter: 5000);

    [Fact]
    public void No_header_value_has_control_characters() =>
        s_text.Sample(text =>
        {
            var (plan, frame) = Plan("{x.a}", TemplatePlace.HeaderValue, null);
            frame.Slots[0] = CelValue.Of(text);
            var value = plan.Evaluate(frame);
            var hasControls = text.Any(c => c is < ' ' and not '\t' or '\x7f');
            Assert.Equal(hasControls, value.IsError);
            if (!hasControls)
                Assert.All(value.AsSpan.ToArray(), b => Assert.True(b is >= 0x20 and < 0x7f or (byte)'\t'));
        }, iter: 5000);

    private static void Set(Frame frame, params CelValue[] values) => values.CopyTo(frame.Slots, 0);

    private static string Run(string template, TemplatePlace place, string? tail = null)
    {
        var (plan, frame) = Plan(template, place, tail);
        var value = plan.Evaluate(frame);
        return value.IsError ? $"<{value.Error!.Message}>" : (string)value.ToObject()!;
    }

    private static (Plan Plan, Frame Frame) Plan(string template, TemplatePlace place, string? tail)
    {
        var problems = new List<CelProblem>();
        var slots = new SlotTable();
        var plan = Template.Compile(template, place, DataRun.Scope, slots, CelLimits.Default, problems, tail);
        Assert.Empty(problems);
        var frame = DataRun.Frame(slots, plan!);
        foreach (var variable in slots.Paths.GroupBy(p => p.Variable))
            new JsonPaths([.. variable], depth: 0).Fill(DataRun.InPage(Encoding.UTF8.GetBytes(Input)), isTrusted: false, frame);
        return (plan!, frame);
    }
}
