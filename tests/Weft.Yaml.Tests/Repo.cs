namespace Weft.Yaml.Tests;

/// <summary>Files of the repository that tests compare with what the product makes.</summary>
internal static class Repo
{
    /// <summary>The folder of the repository, found upwards from where the tests run.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Compares with a file. <c>WEFT_UPDATE=1</c> writes it instead, which accepts what there is now.</summary>
    public static void AssertFile(string path, string actual)
    {
        var full = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("WEFT_UPDATE") == "1")
            File.WriteAllText(full, actual);
        Assert.True(File.Exists(full), $"{path} is missing. Run the tests with WEFT_UPDATE=1 and look at what they write.");
        Assert.True(File.ReadAllText(full) == actual, $"{path} differs from what is made now. Run the tests with WEFT_UPDATE=1 and look at the difference. Made now:\n{actual}");
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Weft.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return folder;
    }
}
