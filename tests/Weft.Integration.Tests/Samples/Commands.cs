namespace Weft.Integration.Tests.Samples;

/// <summary>A folder for the PATH in which <c>weft</c> is the program that was built with the tests.</summary>
internal static class Commands
{
    private static readonly Lazy<string> Made = new(Make);

    public static string Folder => Made.Value;

    private static string Make()
    {
        var folder = Directory.CreateTempSubdirectory("weft-commands-").FullName;
        var command = Path.Combine(folder, "weft");
        File.WriteAllText(command, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "Weft.Server.dll")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return folder;
    }
}
