namespace Weft.Integration.Tests.Samples;

/// <summary>A folder for the PATH in which <c>weft</c> and the programs of samples are those that were built with the tests.</summary>
internal static class Commands
{
    private static readonly Lazy<string> Made = new(Make);

    public static string Folder => Made.Value;

    /// <summary>The program of a sample, which was built with the tests.</summary>
    /// <param name="project">Its folder in <c>samples</c>.</param>
    /// <param name="name">The name of its assembly.</param>
    public static string Program(string project, string name)
    {
        // Tests are in bin/CONFIGURATION/FRAMEWORK.
        var (framework, configuration) = (new DirectoryInfo(AppContext.BaseDirectory).Name, new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name);
        return Path.Combine(Tree.Root, "samples", project, "bin", configuration, framework, name + ".dll");
    }

    private static string Make()
    {
        var folder = Directory.CreateTempSubdirectory("weft-commands-").FullName;
        Add(folder, "weft", Path.Combine(AppContext.BaseDirectory, "Weft.Server.dll"));
        Add(folder, "orders", Program("shop/Orders", "orders"));
        Add(folder, "inventory", Program("shop/Inventory", "inventory"));
        return folder;
    }

    private static void Add(string folder, string name, string program)
    {
        var command = Path.Combine(folder, name);
        File.WriteAllText(command, $"#!/bin/sh\nexec dotnet '{program}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
