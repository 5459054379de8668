using System.Security.Cryptography;
using System.Text;
using Weft.Options;

namespace Weft.AspNetCore.Endpoints;

/// <summary>
/// The token that Weft makes when the file configures none. It lies in the state directory of the user
/// (<c>$XDG_STATE_HOME</c>, else <c>~/.local/state</c>; on Windows the local application data) under <c>weft</c>, in a
/// directory named after the configuration file, so that the server and the command find it by the same path. Only the
/// owner can read it.
/// </summary>
internal static class AdminTokenFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersAny =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Where the token of a configuration file lies, whether it exists or not.</summary>
    /// <exception cref="WeftConfigurationException">There is no state directory.</exception>
    public static string PathFor(string configFile)
    {
        string full = Path.GetFullPath(configFile);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)).AsSpan(0, 6));
        return Path.Combine(StateDirectory(), "weft", $"{Path.GetFileNameWithoutExtension(full)}-{hash}", "admin.token");
    }

    /// <summary>The token in the file; made first when there is none. Two processes that start together agree on one.</summary>
    /// <exception cref="WeftConfigurationException">The file cannot be made or read, or others can read it.</exception>
    public static string ReadOrCreate(string path)
    {
        try
        {
            CreateDirectory(Path.GetDirectoryName(path)!);
            if (!File.Exists(path))
                Create(path);
            return Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WeftConfigurationException($"The admin token file {path} cannot be used: {e.Message} Set XDG_STATE_HOME to a directory that can be written, or name tokens under server.admin.tokens.", e);
        }
    }

    /// <summary>The token in the file; null when there is no file.</summary>
    /// <exception cref="WeftConfigurationException">Others can read the file.</exception>
    public static string? TryRead(string path) => File.Exists(path) ? Read(path) : null;

    private static string Read(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OthersAny) != 0)
            throw new WeftConfigurationException($"The admin token file {path} can be read by others than its owner. Delete it; the next start makes a new one.");
        return File.ReadAllText(path).Trim();
    }

    private static void Create(string path)
    {
        string draft = path + "." + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var writer = new StreamWriter(draft, options))
            writer.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its token holds.
            File.Delete(draft);
        }
    }

    private static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    private static string StateDirectory()
    {
        string? configured = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (!string.IsNullOrEmpty(configured) && Path.IsPathFullyQualified(configured))
            return configured;
        string home = OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (home.Length == 0)
            throw new WeftConfigurationException("There is no home directory to keep the admin token in. Set XDG_STATE_HOME to a directory that can be written, or name tokens under server.admin.tokens.");
        return OperatingSystem.IsWindows() ? home : Path.Combine(home, ".local", "state");
    }
}
