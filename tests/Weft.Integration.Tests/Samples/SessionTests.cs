namespace Weft.Integration.Tests.Samples;

public sealed class SessionTests
{
    [Fact]
    public void A_session_is_commands_with_what_they_print()
    {
        var steps = Session.Parse("$ weft run &\nListening *\n$ curl -s \\\n    http://127.0.0.1\n{}\n\n$ true\n");

        Assert.Equal(["weft run &", "curl -s http://127.0.0.1", "true"], steps.Select(s => s.Command));
        Assert.Equal([["Listening *"], ["{}", ""], []], steps.Select(s => s.Expected));
        Assert.Equal([true, false, false], steps.Select(s => s.InBackground));
    }

    [Theory]
    [InlineData("a|b", "a|b", true)]
    [InlineData("a", "a|b", false)]
    [InlineData("a|b", "a", false)]
    [InlineData("id * (ok)", "id 17 (ok)", true)]
    [InlineData("id *", "no 17", false)]
    [InlineData("a|...|z", "a|b|c|z", true)]
    [InlineData("a|...|z", "a|z", true)]
    [InlineData("a|...", "b|a", false)]
    [InlineData("", "a", false)]
    public void Lines_match_with_wildcards(string expected, string actual, bool matches) =>
        Assert.Equal(matches, Session.Matches(Lines(expected), Lines(actual)));

    [Theory]
    [InlineData("listening *", "starting|listening on 8080|ready", true)]
    [InlineData("a|c", "a|b|c", true)]
    [InlineData("c|a", "a|b|c", false)]
    [InlineData("", "", true)]
    public void Lines_appear_among_others_in_order(string expected, string actual, bool appeared) =>
        Assert.Equal(appeared, Session.Appeared(Lines(expected), Lines(actual)));

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.Split('|');
}
