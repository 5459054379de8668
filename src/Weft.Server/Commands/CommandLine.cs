using System.CommandLine;
using System.CommandLine.Parsing;
using Weft.AspNetCore.Endpoints;
using Weft.Flows;
using Weft.Options;

namespace Weft.Server.Commands;

/// <summary>The <c>weft</c> command: finds the verb, runs it, and turns what went wrong into a sentence and an exit code.</summary>
internal static class CommandLine
{
    // They come with later versions; asking for one is answered, not guessed at.
    private static readonly string[] LaterVerbs =
        ["demo", "graph", "etl", "tap", "top", "contracts", "advise", "simulate", "mcp", "diff", "apply"];

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal)
    {
        if (args.FirstOrDefault() is { } verb && LaterVerbs.Contains(verb))
            return Fail(terminal, ExitCode.Usage, $"'weft {verb}' is not in this version. This version has: {string.Join(", ", Verbs(terminal).Select(v => v.Name))}.");

        var root = new RootCommand("Weft, the integration runtime for .NET: API gateway, event bus and their policies from one file.\nStart with: weft new, weft check, weft run.");
        foreach (var command in Verbs(terminal))
            root.Add(command);

        var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                terminal.Error.WriteLine(error.Message);
            return Fail(terminal, ExitCode.Usage, $"See: {Spelled(parsed.CommandResult)} --help");
        }
        var settings = new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return await parsed.InvokeAsync(settings).ConfigureAwait(false);
        }
        catch (CommandException e)
        {
            return Fail(terminal, e.ExitCode, e.Message);
        }
        catch (WeftConfigurationException e)
        {
            return Fail(terminal, ExitCode.Configuration, e.Message);
        }
        catch (LogException e)
        {
            return Fail(terminal, ExitCode.Unreachable, $"{e.Code} {e.Message}");
        }
        catch (AdminException e) // The store of a stopped instance answers as the admin API would.
        {
            return Fail(terminal, ExitCode.Failed, e.Message);
        }
    }

    private static IEnumerable<Command> Verbs(Terminal terminal) =>
    [
        RunCommand.Create(terminal),
        CheckCommand.Create(terminal),
        TestCommand.Create(terminal),
        ExplainCommand.Create(terminal),
        EvalCommand.Create(terminal),
        SchemaCommand.Create(terminal),
        DeadCommand.Create(terminal),
        MessagesCommand.Create(terminal),
        SubscriptionsCommand.Create(terminal),
        StoreCommand.Create(terminal),
        NewCommand.Create(terminal),
        VersionCommand.Create(terminal),
    ];

    private static string Spelled(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Spelled(parent)} {command.Command.Name}" : "weft";

    private static int Fail(Terminal terminal, int exitCode, string message)
    {
        terminal.Error.WriteLine(message);
        return exitCode;
    }
}
