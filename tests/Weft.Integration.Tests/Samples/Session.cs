using System.Text.RegularExpressions;

namespace Weft.Integration.Tests.Samples;

/// <summary>A command of an expected session and what should come back.</summary>
internal sealed record Step(string Command, IReadOnlyList<string> Expected)
{
    /// <summary>Whether it keeps running while the next ones run.</summary>
    public bool InBackground => Command.EndsWith('&');
}

/// <summary>An <c>expected.txt</c>: samples/README.md says what it means.</summary>
internal static class Session
{
    private const string Prompt = "$ ";

    /// <summary>The commands of a session with what each should print.</summary>
    public static IReadOnlyList<Step> Parse(string text)
    {
        var steps = new List<Step>();
        var lines = new Queue<string>(text.TrimEnd('\n').Split('\n'));
        while (lines.TryDequeue(out var line))
        {
            if (!line.StartsWith(Prompt, StringComparison.Ordinal))
                throw new FormatException($"The session has output before its first command: {line}");

            var command = line[Prompt.Length..];
            while (command.EndsWith('\\') && lines.TryDequeue(out var more))
                command = command[..^1] + more.TrimStart();

            var expected = new List<string>();
            while (lines.TryPeek(out var next) && !next.StartsWith(Prompt, StringComparison.Ordinal))
                expected.Add(lines.Dequeue());
            steps.Add(new Step(command, expected));
        }
        return steps;
    }

    /// <summary>Whether lines are what was expected: all of them, in order.</summary>
    public static bool Matches(IReadOnlyList<string> expected, IReadOnlyList<string> actual) =>
        new Regex($@"\A{string.Concat(expected.Select(Pattern))}\z").IsMatch(string.Concat(actual.Select(line => line + "\n")));

    /// <summary>Whether the expected lines are among those printed so far, in order.</summary>
    public static bool Appeared(IReadOnlyList<string> expected, IReadOnlyList<string> actual) =>
        Matches([.. expected.SelectMany(line => (string[])["...", line]), "..."], actual);

    private static string Pattern(string expected) =>
        expected == "..." ? @"(?:.*\n)*?" : Regex.Escape(expected.TrimEnd()).Replace(@"\*", ".*", StringComparison.Ordinal) + @"[ ]*\n";
}
