using System.CommandLine;
using System.Text.Json;
using Weft.Server.Explain;
using Weft.Server.Hosting;

namespace Weft.Server.Commands;

/// <summary><c>weft test</c>: runs the tests of the file, without any network.</summary>
internal static class TestCommand
{
    public static Command Create(Terminal terminal)
    {
        var names = new Argument<string[]>("NAME") { Description = "Only these tests. Default: all.", Arity = ArgumentArity.ZeroOrMore };
        var (files, output) = (CommonOptions.Files(), CommonOptions.Output());
        var command = new Command("test", "Runs the tests of the file, without any network: which subscriptions get an event.") { names, files, output };
        command.SetAction(result => Run(terminal, result.GetValue(files)!, result.GetValue(names)!, result.GetValue(output) == "json"));
        return command;
    }

    private static int Run(Terminal terminal, string[] files, string[] names, bool json)
    {
        var options = new Configuration(files, new OnlyFilter([]), terminal).Read();
        if (names.FirstOrDefault(n => !options.Tests.ContainsKey(n)) is { } unknown)
            throw CommandException.Usage($"The file has no test '{unknown}'. It has: {string.Join(", ", options.Tests.Keys)}.");
        var results = options.Tests.Where(t => names.Length == 0 || names.Contains(t.Key)).Select(t => TestResult.Of(options, t.Key, t.Value)).ToArray();
        int failed = results.Count(r => r.Findings.Count > 0);
        if (json)
            terminal.Out.WriteLine(JsonSerializer.Serialize(results, ExplainJson.Default.TestResultArray));
        else
            WriteText(terminal, results, failed);
        return failed > 0 ? ExitCode.Failed : ExitCode.Fine;
    }

    private static void WriteText(Terminal terminal, TestResult[] results, int failed)
    {
        foreach (var result in results)
        {
            terminal.Out.WriteLine($"{(result.Findings.Count == 0 ? "ok    " : "failed")}  {result.Name}");
            foreach (string finding in result.Findings)
                terminal.Out.WriteLine($"          {finding}");
        }
        terminal.Out.WriteLine(results.Length == 0
            ? "The file has no tests. Add some under tests: { NAME: { topic: orders, given: { type: OrderCreated }, expect: [] } }."
            : $"{(results.Length == 1 ? "1 test" : $"{results.Length} tests")}, {failed} failed.");
    }
}
