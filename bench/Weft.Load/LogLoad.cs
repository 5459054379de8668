using Weft.Flows;
using Weft.Messages;

namespace Weft.Load;

/// <summary>Publishers that append one event after another, each waiting until it is durable.</summary>
internal sealed class LogLoad(ILogTopic topic, int publishers)
{
    public const int EventBytes = 512;

    private readonly byte[][] _events = [.. Enumerable.Range(0, publishers).Select(_ => RandomBytes())];

    /// <summary>Appends for a while and says how many events it were.</summary>
    public async Task<long> RunAsync(TimeSpan duration)
    {
        using var stop = new CancellationTokenSource(duration);
        var done = await Task.WhenAll(_events.Select(bytes => Task.Run(() => PublishAsync(new Message(bytes), stop.Token))));
        return done.Sum();
    }

    public static byte[] RandomBytes()
    {
        var bytes = new byte[EventBytes];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private async Task<long> PublishAsync(Message message, CancellationToken stop)
    {
        long count = 0;
        for (; !stop.IsCancellationRequested; count++)
            await topic.AppendAsync(message, default, CancellationToken.None).ConfigureAwait(false);
        return count;
    }
}

/// <summary>A directory that goes with its sample.</summary>
internal sealed class LogDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-load-");

    public string File(string name) => Path.Combine(_directory.FullName, name);

    public void Dispose() => _directory.Delete(recursive: true);
}
