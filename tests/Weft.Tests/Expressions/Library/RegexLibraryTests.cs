using Weft.Expressions;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Library;

public sealed class RegexLibraryTests
{
    [Theory]
    [InlineData("'hello world hello'", "'hello'", "'hi'", "'hi world hi'")]
    [InlineData("'banana'", "'a'", "'x'", "'bxnxnx'")]
    [InlineData("'banana'", "'x'", "'y'", "'banana'")]
    [InlineData("'foo bar'", "'(fo)o (ba)r'", @"r'\2 \1'", "'ba fo'")]
    [InlineData("'id=123'", @"r'id=(?P<value>\d+)'", @"r'value: \1'", "'value: 123'")]
    [InlineData("'a1'", @"r'\d'", @"r'<\0\\>'", @"r'a<1\>'")]
    [InlineData("'baaac'", "'a*'", "'-'", "'-b-c-'")]
    [InlineData("'é😀'", "''", "'-'", "'-é-😀-'")]
    [InlineData("'é😀'", "'()'", @"r'-\1'", "'-é-😀-'")]
    [InlineData("'ab'", "'(a)|(b)'", @"r'[\1\2]'", "'[a][b]'")]
    [InlineData("'aXbX'", "'(?i)x$'", "''", "'aXb'")]
    [InlineData("''", "'^$'", "'x'", "'x'")]
    public void Replace(string text, string pattern, string replacement, string expected) =>
        Assert.True(Evaluate($"regex.replace({text}, {pattern}, {replacement}) == {expected}").IsTrue, Evaluate($"regex.replace({text}, {pattern}, {replacement})").ToString());

    [Theory]
    [InlineData("regex.replace('banana', 'a', 'x', 0)", "banana")]
    [InlineData("regex.replace('banana', 'a', 'x', 1)", "bxnana")]
    [InlineData("regex.replace('banana', '(a)', r'<\\1>', 2)", "b<a>n<a>na")]
    [InlineData("regex.replace('banana', 'a', 'x', 100)", "bxnxnx")]
    [InlineData("regex.replace('banana', 'a', 'x', -12)", "bxnxnx")]
    public void Replace_so_many(string expression, string expected) => Assert.Equal(CelValue.Of(expected).ToString(), Evaluate(expression).ToString());

    [Theory]
    [InlineData("regex.extract('hello world', 'hello (.*)').value() == 'world'")]
    [InlineData("regex.extract('item-A, item-B', r'item-\\w').value() == 'item-A'")]
    // What an engine of .NET gives otherwise: lazy repetitions, and groups in rounds that match nothing.
    [InlineData("regex.replace('Z-😁ék', r'[^a-z0-9]+?\\PL()', '<>') == '<>😁ék'")]
    [InlineData("regex.replace('1c', '1((A{0,2})){1,}c??', '<>') == '<>c'")]
    [InlineData("regex.replace(' Zs', r'([\\W_]?|-)+\\p{Lu}', r'<\\1>') == '< >s'")]
    [InlineData("regex.extract('say \"a\" or \"b\"', '\"(.*?)\"').value() == 'a'")]
    [InlineData("!regex.extract('HELLO', 'hello').hasValue()")]
    [InlineData("!regex.extract('ac', 'a(b)?c').hasValue()")]
    [InlineData("!regex.extract('ac', 'a(b*)c').hasValue()")]
    [InlineData("regex.extract('', 'x*').value() == ''")]
    [InlineData("regex.extract('größe: 12', 'größe: (.+)').value() == '12'")]
    [InlineData("regex.extractAll('id:123, id:456', r'id:\\d+') == ['id:123', 'id:456']")]
    [InlineData("regex.extractAll('id:123, id:456', r'id:(\\d+)') == ['123', '456']")]
    [InlineData("regex.extractAll('id:123, id:', r'id:(\\d*)') == ['123']")]
    [InlineData("regex.extractAll('testuser@gmail.com', '(?:[a-z]+)@[a-z.]+') == ['testuser@gmail.com']")]
    [InlineData("regex.extractAll('é😀', '.') == ['é', '😀']")]
    [InlineData("regex.extractAll('é😀', '') == ['', '', '']")]
    [InlineData("regex.extractAll('abc', 'x') == []")]
    [InlineData("matches('grey', 'gr(a|e)y') && 'grey'.matches('^g') && !'grey'.matches('^r')")]
    public void Extract(string expression) => Assert.True(Evaluate(expression).IsTrue, Evaluate(expression).ToString());

    [Theory]
    [InlineData("regex.extract('a@b', '(.*)@(.*)')", "one group at most")]
    [InlineData("regex.extractAll('a@b', '(.*)@(.*)')", "one group at most")]
    [InlineData("regex.replace('test', '(.)', r'\\2')", "a group that the pattern has")]
    [InlineData("regex.replace('test', '.', r'\\x')", "before a digit")]
    [InlineData("regex.replace('test', '.', r'x\\')", "before a digit")]
    [InlineData("regex.replace('foo bar', '(' + '', '$2')", "a ( without its ) ")]
    [InlineData("'a'.matches(dyn('(?=a)'))", "looks ahead")]
    public void Errors(string expression, string message)
    {
        var value = Evaluate(expression);
        Assert.Equal(CelErrorKind.Argument, value.Error?.Kind);
        Assert.Contains(message.Trim(), value.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_searches_are_stopped_by_steps()
    {
        var text = new string('a', 100_000);
        var run = new LibraryRun(RegexLibrary.Register);
        // The first choice looks through to the end of the text for every a.
        run.Fails(CelErrorKind.Limit, "regex.replace", CelValue.Of(text), CelValue.Of("a[^b]*b|a"), CelValue.Of(""));
        run.Frame = new Frame(0, 0, CelLimits.Default);
        run.Fails(CelErrorKind.Limit, "regex.extractAll", CelValue.Of(text), CelValue.Of("(a[^b]*b)|a"));
        run.Frame = new Frame(0, 0, new CelLimits { MaxSteps = 100 });
        run.Fails(CelErrorKind.Limit, "matches", CelValue.Of(text), CelValue.Of("b"));
    }

    [Theory]
    [InlineData("'abc'.matches('b')")]
    [InlineData("matches('abc', 'b')")]
    [InlineData("regex.extract('abc', '(b)').hasValue()")]
    [InlineData("regex.extractAll('abc', 'b') == ['b']")]
    [InlineData("regex.replace('abc', 'b', 'x') == 'axc' && regex.replace('abab', 'b', 'x', 1) == 'axab'")]
    public void A_pattern_that_stands_in_the_text_is_compiled_with_it_and_not_when_it_is_evaluated(string expression)
    {
        // Compiling takes 1,000 steps.
        var environment = CelEnvironment.Default.With(new CelLimits { MaxSteps = 500 });
        Assert.True(environment.Compile(expression).Evaluate().IsTrue);
        Assert.Equal(CelErrorKind.Limit, environment.Compile("'abc'.matches('b' + 'c{7}')").Evaluate().Error?.Kind);
    }

    [Fact]
    public void New_patterns_cost_steps()
    {
        var frame = new Frame(0, 0, CelLimits.Default);
        var count = 0;
        while (new RegexCache().TryGet(frame, "a"u8, out _, out var error) || !ReferenceEquals(error.Error, frame.Halted))
            count++;
        Assert.InRange(count, 500, 1000);
    }

    [Fact]
    public void A_cache_gives_what_was_asked_for_however_many_patterns_there_are()
    {
        var cache = new RegexCache();
        var frame = new Frame(0, 0, new CelLimits { MaxSteps = long.MaxValue });
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 200; i++)
            {
                Assert.True(cache.TryGet(frame, System.Text.Encoding.UTF8.GetBytes($"^{i}$"), out var regex, out _));
                Assert.True(regex.IsMatch(frame, System.Text.Encoding.UTF8.GetBytes($"{i}")).IsTrue);
                Assert.True(regex.IsMatch(frame, System.Text.Encoding.UTF8.GetBytes($"{i + 1}")).IsFalse);
            }
        }
        Assert.False(cache.TryGet(frame, "("u8, out _, out var error));
        Assert.False(cache.TryGet(frame, "("u8, out _, out var again));
        Assert.Same(error.Error, again.Error);
        Assert.False(cache.TryGet(frame, [0xFF], out _, out _));
    }

    [Fact]
    public void Matching_allocates_nothing()
    {
        LibraryAllocation.IsNone(RegexLibrary.Register, "matches", CelValue.Of("customer-4711"), CelValue.Of(@"^[a-z]+-\d{1,8}$"));
        LibraryAllocation.IsNone(RegexLibrary.Register, "matches", CelValue.Of(string.Concat(Enumerable.Repeat("größer 😀 ", 100)) + "x@y.com"),
            CelValue.Of(@"(?i)\b[a-z0-9.]+@[a-z]+\.COM$"));
        LibraryAllocation.IsNone(RegexLibrary.Register, "matches", CelValue.Of("aéa"), CelValue.Of(@"\B"));
    }

    private static CelValue Evaluate(string expression) => CelEnvironment.Default.Compile(expression).Evaluate();
}
