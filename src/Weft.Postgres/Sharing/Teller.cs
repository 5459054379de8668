using System.Threading.Channels;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Sharing;

/// <summary>
/// Bounds how often other processes are told that a shard has grown, since every notification takes a lock of the whole server: an append tells it in
/// its own transaction unless one did so within the last 5 ms; then all such shards are told together a little later.
/// </summary>
internal sealed class Teller : IAsyncDisposable
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(5);

    private readonly PostgresMessageLog _log;
    private readonly TimeProvider _clock;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Lock _lock = new();
    private readonly Dictionary<PostgresShard, long> _told = [];
    private readonly HashSet<PostgresShard> _owed = [];
    private readonly BackgroundLoop _loop;

    public Teller(PostgresMessageLog log, TimeProvider clock)
    {
        (_log, _clock) = (log, clock);
        _loop = BackgroundLoop.Start("postgres/tell", RunAsync);
    }

    /// <summary>Whether an append to a shard is to tell; otherwise it is owed once the append is committed.</summary>
    public bool MayTell(PostgresShard shard)
    {
        lock (_lock)
        {
            long now = _clock.GetTimestamp();
            if (_told.TryGetValue(shard, out long last) && _clock.GetElapsedTime(last, now) < s_least)
                return false;
            _told[shard] = now;
            return true;
        }
    }

    /// <summary>A shard has grown and nobody was told.</summary>
    public void Owe(PostgresShard shard)
    {
        lock (_lock)
            _owed.Add(shard);
        _wake.Writer.TryWrite(true);
    }

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (await _wake.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            await Task.Delay(s_least, _clock, cancellation).ConfigureAwait(false);
            _wake.Reader.TryRead(out _);
            try
            {
                string[] news = Take();
                if (news.Length > 0)
                    await _log.Database.ExecuteAsync($"select pg_notify('{_log.Database.Schema}', t) from unnest($1) t", cancellation, Arg.Of(news)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is LogException or ObjectDisposedException && !cancellation.IsCancellationRequested)
            {
                // Heads are asked for now and then.
            }
        }
    }

    private string[] Take()
    {
        lock (_lock)
        {
            long now = _clock.GetTimestamp();
            foreach (var shard in _owed)
                _told[shard] = now;
            string[] news = [.. _owed.Select(s => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{s.TopicId}:{s.Shard}:{s.Head - s.Base}"))];
            _owed.Clear();
            return news;
        }
    }
}
