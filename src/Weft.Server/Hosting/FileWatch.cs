using System.Security.Cryptography;
using System.Text;

namespace Weft.Server.Hosting;

/// <summary>
/// Notices that files have changed by looking at what is in them twice a second. That sees every way of saving (in place,
/// by a rename, through a symbolic link) on every file system, and cannot fall silent. A change counts once two looks in a
/// row see the same, so that a half-written file is not read.
/// </summary>
internal sealed class FileWatch(TimeProvider time)
{
    /// <summary>The time between two looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    /// <summary>Watches until cancelled.</summary>
    /// <param name="files">The files, and the folders in which others may turn up; asked for at each look, as reading may have added some.</param>
    /// <param name="changed">Called after each change, not again before it returns.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(Func<(IReadOnlyList<string> Files, IReadOnlyCollection<string> Folders)> files, Func<CancellationToken, Task> changed, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Every, time);
        // The first look counts as a change: the files were read before, and may have changed since.
        string? acted = null;
        string? last = null;
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            string now = Fingerprint(files());
            if (now == last && now != acted)
            {
                acted = now;
                await changed(cancellation).ConfigureAwait(false);
            }
            last = now;
        }
    }

    private static string Fingerprint((IReadOnlyList<string> Files, IReadOnlyCollection<string> Folders) watched)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in watched.Files)
            hash.AppendData(Content(file));
        foreach (string folder in watched.Folders)
            hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', Names(folder))));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static byte[] Content(string file)
    {
        try
        {
            return SHA256.HashData(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Names(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
