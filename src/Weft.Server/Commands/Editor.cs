using System.Diagnostics;

namespace Weft.Server.Commands;

/// <summary>The editor of the person at the terminal: <c>VISUAL</c>, else <c>EDITOR</c>, as other commands have it.</summary>
internal static class Editor
{
    /// <summary>Lets a text be edited.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The name of the file, by which editors know the language.</param>
    /// <returns>The file with what was written; the caller deletes it.</returns>
    /// <exception cref="CommandException">There is no editor, or it failed.</exception>
    public static async Task<string> EditAsync(string text, string name)
    {
        string editor = Of("VISUAL") ?? Of("EDITOR")
            ?? throw CommandException.Usage("There is no editor. Set EDITOR, or say what to change: --data FILE, --set NAME=VALUE, --unset NAME.");
        string file = Path.Combine(Directory.CreateTempSubdirectory("weft-").FullName, string.Concat(name.Select(c => Path.GetInvalidFileNameChars().Contains(c) ? '-' : c)));
        await File.WriteAllTextAsync(file, text).ConfigureAwait(false);

        // The variable may hold options too, such as "code --wait"; a shell takes it apart as its user expects.
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd.exe", $"/c {editor} \"{file}\"")
            : new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", editor + " \"$1\"", "sh", file } };
        using var process = Process.Start(start) ?? throw new CommandException(ExitCode.Failed, $"The editor '{editor}' does not start.");
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode == 0 ? file : throw new CommandException(ExitCode.Failed, $"The editor '{editor}' ended with {process.ExitCode}; nothing was changed.");
    }

    private static string? Of(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
