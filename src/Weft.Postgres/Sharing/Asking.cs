using System.Threading.Channels;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Sharing;

/// <summary>
/// What processes ask of the one that reads a shard. A request is a row; whoever has the lease takes it up when it hears of it, and when it looks
/// now and then, and writes its answer beside it. One that asks looks for the answer, and whether anybody is left to give it.
/// </summary>
internal sealed class Asking(PostgresMessageLog log, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>What is notified when there is a request.</summary>
    public const string Asked = "ask";

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1), s_lookForAnswer = TimeSpan.FromMilliseconds(50), s_patience = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly string _schema = log.Database.Schema;
    private Func<string, ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>>>? _answer;
    private BackgroundLoop? _loop;

    /// <summary>Has requests answered from now on.</summary>
    public void Begin(Func<string, ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> answer)
    {
        _answer = answer;
        _loop ??= BackgroundLoop.Start("postgres/ask", RunAsync);
    }

    /// <summary>Has it look at once.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    public async ValueTask<ReadOnlyMemory<byte>?> AskAsync(string subscription, int shard, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        var database = log.Database;
        if (await log.Subscriptions.FindAsync(subscription, cancellation).ConfigureAwait(false) is not { } found)
            return null;
        var id = Guid.NewGuid();
        await database.ExecuteAsync($"insert into {_schema}.ask(id, sub, shard, request) values($1, $2, $3, $4)", cancellation,
            Arg.Of(id), Arg.Of(found.Id), Arg.Of(shard), Arg.Of(request.ToArray())).ConfigureAwait(false);
        try
        {
            await database.ExecuteAsync($"select pg_notify('{_schema}', '{Asked}')", cancellation).ConfigureAwait(false);
            long begun = clock.GetTimestamp();
            while (clock.GetElapsedTime(begun) < s_patience)
            {
                var state = await database.QueryAsync($"""
                    select (select answer from {_schema}.ask where id = $1), exists (select 1 from {_schema}.cursor where sub = $2 and shard = $3 and owner <> $4 and lease_until > now())
                    """, row => (Answer: row.IsDBNull(0) ? null : row.GetFieldValue<byte[]>(0), IsHeld: row.GetBoolean(1)), cancellation,
                    Arg.Of(id), Arg.Of(found.Id), Arg.Of(shard), Arg.Of(log.Leases.Node)).ConfigureAwait(false);
                if (state[0].Answer is { } answer)
                    return answer;
                if (!state[0].IsHeld)
                    return null;
                await Task.Delay(s_lookForAnswer, clock, cancellation).ConfigureAwait(false);
            }
            throw PostgresErrors.HeldElsewhere(subscription, shard);
        }
        finally
        {
            await database.ExecuteAsync($"delete from {_schema}.ask where id = $1", CancellationToken.None, Arg.Of(id)).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _loop?.DisposeAsync() ?? default;

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await AnswerAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is LogException or ObjectDisposedException && !cancellation.IsCancellationRequested)
            {
                // Whoever asked is still there, and it is looked at again.
            }
            using var next = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(_wake.Reader.WaitToReadAsync(next.Token).AsTask(), Task.Delay(s_look, clock, next.Token)).ConfigureAwait(false);
            await next.CancelAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            _wake.Reader.TryRead(out _);
        }
    }

    private async ValueTask AnswerAsync(CancellationToken cancellation)
    {
        var database = log.Database;
        var requests = await database.QueryAsync($"""
            select a.id, u.name, a.request from {_schema}.ask a join {_schema}.sub u on u.id = a.sub join {_schema}.cursor c on c.sub = a.sub and c.shard = a.shard
            where a.answer is null and c.owner = $1 and c.lease_until > now() order by a.at
            """, row => (Id: row.GetGuid(0), Subscription: row.GetString(1), Request: row.GetFieldValue<byte[]>(2)), cancellation, Arg.Of(log.Leases.Node)).ConfigureAwait(false);
        foreach (var (id, subscription, request) in requests)
        {
            var answer = await _answer!(subscription, request, cancellation).ConfigureAwait(false);
            await database.ExecuteAsync($"update {_schema}.ask set answer = $2 where id = $1", cancellation, Arg.Of(id), Arg.Of(answer.ToArray())).ConfigureAwait(false);
        }
    }
}
