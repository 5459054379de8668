using System.Globalization;
using Npgsql;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Sharing;

/// <summary>
/// Hears what other processes append. One connection listens; it counts as hearing only once it has heard this process's own word,
/// because some poolers accept to listen and never deliver. Heads are asked for as well: often while nothing is heard, and
/// now and then all the same.
/// </summary>
internal sealed class Listener : IAsyncDisposable
{
    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(250), s_seldom = TimeSpan.FromSeconds(5);

    private readonly PostgresMessageLog _log;
    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly string _self = $"node:{Guid.NewGuid()}";
    private readonly BackgroundLoop? _listen;
    private readonly BackgroundLoop _poll;
    private readonly Random _random = new();
    private volatile bool _hears;

    public Listener(PostgresMessageLog log, PostgresLogOptions options, TimeProvider clock)
    {
        (_log, _database, _clock) = (log, log.Database, clock);
        _poll = BackgroundLoop.Start("postgres/poll", PollAsync);
        if (options.Listen)
            _listen = BackgroundLoop.Start("postgres/listen", ListenAsync);
    }

    /// <summary>Whether what others say arrives.</summary>
    public bool Hears => _hears;

    public async ValueTask DisposeAsync()
    {
        await _poll.DisposeAsync().ConfigureAwait(false);
        if (_listen is not null)
            await _listen.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await HearAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                // Heads are asked for meanwhile, and the writer tells when the server is gone.
            }
            _hears = false;
            await Task.Delay(Jittered(s_seldom / 2), _clock, cancellation).ConfigureAwait(false);
        }
    }

    private async Task HearAsync(CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(_database.Listening);
        await using (connection.ConfigureAwait(false))
        {
            connection.Notification += (_, told) => Hear(told.Payload);
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            var command = new NpgsqlCommand($"listen {_database.Schema}", connection);
            await using (command.ConfigureAwait(false))
                await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            await _database.ExecuteAsync($"select pg_notify('{_database.Schema}', '{_self}')", cancellation).ConfigureAwait(false);
            while (true)
                await connection.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private void Hear(string payload)
    {
        if (payload == _self)
        {
            _hears = true;
            _log.Leases.Wake();
        }
        else if (payload == LeaseRows.Freed)
        {
            _log.Leases.Wake();
        }
        else if (payload == Asking.Asked)
        {
            _log.Asking.Wake();
        }
        else if (payload.Split(':') is [var topic, var shard, var head] && int.TryParse(topic, CultureInfo.InvariantCulture, out int id)
            && int.TryParse(shard, CultureInfo.InvariantCulture, out int number) && long.TryParse(head, CultureInfo.InvariantCulture, out long position))
        {
            _log.Publish(id, number, position);
        }
    }

    private async Task PollAsync(CancellationToken cancellation)
    {
        var wait = s_often;
        while (true)
        {
            await Task.Delay(Jittered(_hears ? s_seldom : wait), _clock, cancellation).ConfigureAwait(false);
            try
            {
                bool grown = await _log.LookAsync(cancellation).ConfigureAwait(false);
                wait = grown ? s_often : wait * 2;
            }
            catch (Exception e) when (e is LogException or ObjectDisposedException && !cancellation.IsCancellationRequested)
            {
                wait *= 2;
            }
            if (wait > s_seldom)
                wait = s_seldom;
        }
    }

    // A fifth more or less, so that many processes do not ask at once.
    private TimeSpan Jittered(TimeSpan wait) => wait * (0.8 + (0.4 * _random.NextDouble()));
}
