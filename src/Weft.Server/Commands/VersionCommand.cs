using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Weft.Server.Commands;

/// <summary><c>weft version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The version of this Weft.</summary>
    public static string Version { get; } =
        (typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];

    public static Command Create(Terminal terminal)
    {
        var output = CommonOptions.Output();
        var command = new Command("version", "Shows the version of Weft and of .NET.") { output };
        command.SetAction(result =>
        {
            if (result.GetValue(output) == "json")
                terminal.Out.WriteLine($$"""{"weft":"{{Version}}","dotnet":"{{Environment.Version}}","os":"{{RuntimeInformation.RuntimeIdentifier}}"}""");
            else
                terminal.Out.WriteLine($"weft {Version} (.NET {Environment.Version}, {RuntimeInformation.RuntimeIdentifier})");
            return ExitCode.Fine;
        });
        return command;
    }
}
