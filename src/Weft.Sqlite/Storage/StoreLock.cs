using System.Globalization;

namespace Weft.Sqlite.Storage;

/// <summary>
/// The claim of one process to a store: a lock of the operating system on a file beside the database, which ends with the
/// process however it ends. The lock file stays, since deleting it would let two processes lock two files of one name.
/// Another file names the holder, because a locked one cannot be read everywhere.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _holder;

    private StoreLock(FileStream held, string holder)
    {
        _lock = held;
        _holder = holder;
    }

    /// <summary>Takes the claim, or says who has it.</summary>
    public static StoreLock Take(string path)
    {
        string holder = path + ".pid";
        FileStream held;
        try
        {
            held = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (UnauthorizedAccessException e)
        {
            throw SqliteErrors.CannotOpen(path, e.Message, e);
        }
        catch (IOException e) when (e is DirectoryNotFoundException or FileNotFoundException or PathTooLongException || !File.Exists(path + ".lock"))
        {
            throw SqliteErrors.CannotOpen(path, e.Message, e);
        }
        catch (IOException e)
        {
            throw SqliteErrors.HeldByAnother(path, ReadHolder(holder), e);
        }
        TryWriteHolder(holder);
        return new StoreLock(held, holder);
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_holder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It only helps error messages.
        }
        _lock.Dispose();
    }

    private static void TryWriteHolder(string holder)
    {
        try
        {
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It only helps error messages.
        }
    }

    private static int? ReadHolder(string holder)
    {
        try
        {
            return int.TryParse(File.ReadAllText(holder), CultureInfo.InvariantCulture, out int id) ? id : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
