using System.Threading.Channels;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Sharing;

/// <summary>
/// Tells other processes what was appended here. Not within the append: commits with a NOTIFY wait for each other on the whole server, through
/// the sync of the disk. One message has what has gathered, and then there is a pause. Who is killed in between has not told it; the others ask now and then.
/// </summary>
internal sealed class Teller : IAsyncDisposable
{
    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _pause;
    private readonly Channel<bool> _more = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Lock _lock = new();
    private readonly Dictionary<(int Topic, int Shard), long> _heads = [];
    private readonly BackgroundLoop _loop;

    public Teller(Database database, PostgresLogOptions options, TimeProvider clock)
    {
        (_database, _clock, _pause) = (database, clock, options.Pause);
        _loop = BackgroundLoop.Start("postgres/tell", RunAsync);
    }

    /// <summary>A shard has grown.</summary>
    public void Tell(PostgresShard shard, long head)
    {
        lock (_lock)
        {
            var at = (shard.TopicId, shard.Shard);
            _heads[at] = Math.Max(_heads.GetValueOrDefault(at), head - shard.Base);
        }
        _more.Writer.TryWrite(true);
    }

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await _more.Reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (Take() is { Length: > 0 } told)
            {
                try
                {
                    // A word of it is no row: nothing is lost that a sync would keep.
                    await _database.ExecuteAsync($"select set_config('synchronous_commit', 'off', true), pg_notify('{_database.Schema}', word) from unnest($1) word", cancellation, Arg.Of(told)).ConfigureAwait(false);
                }
                catch (Exception e) when (e is LogException or ObjectDisposedException)
                {
                    // The others ask for themselves, and the writers tell when the server is gone.
                }
            }
            if (_pause > TimeSpan.Zero)
                await Task.Delay(_pause, _clock, cancellation).ConfigureAwait(false);
        }
    }

    private string[] Take()
    {
        lock (_lock)
        {
            string[] words = [.. _heads.Select(h => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{h.Key.Topic}:{h.Key.Shard}:{h.Value}"))];
            _heads.Clear();
            return words;
        }
    }
}
