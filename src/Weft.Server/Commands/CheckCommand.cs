using System.CommandLine;
using Weft.Options;
using Weft.Yaml;

namespace Weft.Server.Commands;

/// <summary><c>weft check</c>: everything that can be found out without a network.</summary>
internal static class CheckCommand
{
    public static Command Create(Terminal terminal)
    {
        var (files, output) = (CommonOptions.Files(), CommonOptions.Output("sarif", "github"));
        var strict = new Option<bool>("--strict") { Description = "Warnings fail too." };
        var command = new Command("check", "Checks the file, without any network, and shows everything that is wrong. Variables need not be set.") { files, output, strict };
        command.SetAction(result => Check(terminal, result.GetValue(files)!, result.GetValue(output)!, result.GetValue(strict)));
        return command;
    }

    private static int Check(Terminal terminal, string[] files, string output, bool strict)
    {
        var read = WeftFile.Read(files, new() { RequireVariables = false });
        int errors = read.Problems.Count(p => p.Severity == ProblemSeverity.Error);
        int warnings = read.Problems.Count - errors;
        if (output != "text")
            ProblemWriter.Write(terminal.Out, read, Enum.Parse<ProblemFormat>(output, ignoreCase: true));
        else
            WriteText(terminal, read, files, errors, warnings);
        return errors > 0 ? ExitCode.Configuration : strict && warnings > 0 ? ExitCode.Failed : ExitCode.Fine;
    }

    private static void WriteText(Terminal terminal, ReadResult read, string[] files, int errors, int warnings)
    {
        ProblemWriter.Write(terminal.Error, read);
        if (read.UnsetVariables.Count > 0)
            terminal.Error.WriteLine($"Not set here, so what needs them was not checked: {string.Join(", ", read.UnsetVariables)}.");
        string where = string.Join(", ", files);
        if (errors > 0)
            terminal.Error.WriteLine($"{where}: {Many(errors + read.ProblemsLeft, "error")}, {Many(warnings, "warning")}.");
        else
            terminal.Out.WriteLine(warnings > 0 ? $"{where}: no errors, {Many(warnings, "warning")}." : $"{where}: fine.");
    }

    private static string Many(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
