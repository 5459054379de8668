namespace Weft.Sqlite.Storage;

/// <summary>Where a store is on disk.</summary>
internal static class StorePath
{
    /// <summary>
    /// The full path with links followed, so that two names of one file share its lock; its directory is made when missing.
    /// </summary>
    /// <param name="path">As it was configured.</param>
    /// <param name="networkKindOf">The kind of network file system that a directory is on; null when it is on none.</param>
    public static string Prepare(string path, Func<string, string?> networkKindOf)
    {
        string full = Path.GetFullPath(path);
        try
        {
            if (new FileInfo(full).LinkTarget is not null)
                full = File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
            string directory = Path.GetDirectoryName(full) ?? full;
            Directory.CreateDirectory(directory);
            if (networkKindOf(directory) is { } kind)
                throw SqliteErrors.NetworkFileSystem(full, kind);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SqliteErrors.CannotOpen(full, e.Message, e);
        }
        return full;
    }

    /// <summary>What the operating system says about the file system of a directory.</summary>
    public static string? NetworkKindOf(string directory)
    {
        string place = OperatingSystem.IsWindows() ? Path.GetPathRoot(directory) ?? directory : directory;
        if (place.StartsWith(@"\\", StringComparison.Ordinal))
            return "share";
        try
        {
            var drive = new DriveInfo(place);
            return drive.DriveType == DriveType.Network ? drive.DriveFormat : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // It cannot be known.
        }
    }
}
