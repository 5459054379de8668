using Weft.Flows;
using Weft.Messages;

namespace Weft.Sqlite.Tests;

/// <summary>A directory of its own for a test, and stores in it.</summary>
internal sealed class StoreDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-sqlite-");

    public string Path => _directory.FullName;

    public string File(string name = "weft.db") => System.IO.Path.Combine(Path, name);

    public SqliteMessageLog Open(TimeProvider? clock = null, Func<SqliteLogOptions, SqliteLogOptions>? change = null)
    {
        var options = new SqliteLogOptions { Path = File(), BusyTimeout = TimeSpan.FromMilliseconds(50) };
        return SqliteMessageLog.Open(change?.Invoke(options) ?? options, clock ?? TimeProvider.System);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}

internal static class Messages
{
    /// <summary>A message whose bytes are a number: the log does not look into it.</summary>
    public static Message Of(long number) => new(BitConverter.GetBytes(number));

    public static long Number(this Message message) => BitConverter.ToInt64(message.Bytes.Span);

    public static async Task<List<LogEntry>> ReadAllAsync(this ILogTopic topic, long after = 0)
    {
        var all = new List<LogEntry>();
        var page = new LogEntry[100];
        for (int count; (count = await topic.ReadAsync(after, page, TestContext.Current.CancellationToken)) > 0; after = page[count - 1].Position)
            all.AddRange(page[..count]);
        return all;
    }
}
