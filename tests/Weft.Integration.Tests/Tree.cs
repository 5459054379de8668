namespace Weft.Integration.Tests;

/// <summary>The source tree that the tests were built from.</summary>
internal static class Tree
{
    /// <summary>The folder with Weft.slnx.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Weft.slnx")))
                return folder;
        }
        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has a Weft.slnx.");
    }
}
