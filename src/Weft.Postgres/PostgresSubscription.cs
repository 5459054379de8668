using Weft.Flows;
using Weft.Postgres.Storage;
using Weft.Postgres.Writing;

namespace Weft.Postgres;

/// <summary>A subscription that this process has open on one shard, as long as its lease holds.</summary>
internal sealed class PostgresSubscription(PostgresShard shard, string name, int id, long epoch, Cursor opened, IReadOnlyList<ParkedKey> parkedKeys, long underWay, long renewed)
    : ILogSubscription
{
    private readonly CancellationTokenSource _leaving = new(), _lost = new();
    private long _renewed = renewed;
    private int _closed;

    public string Name => name;

    public ILogTopic Topic => shard;

    public Cursor Opened => opened;

    public IReadOnlyList<ParkedKey> ParkedKeys => parkedKeys;

    public long UnderWay => underWay;

    public CancellationToken Leaving => _leaving.Token;

    public CancellationToken Lost => _lost.Token;

    public bool IsHeld => !_lost.IsCancellationRequested && shard.Log.Leases.IsFresh(Volatile.Read(ref _renewed));

    /// <summary>When the lease was last taken or renewed: before the server was asked, by the clock of this process.</summary>
    public long Renewed
    {
        get => Volatile.Read(ref _renewed);
        set => Volatile.Write(ref _renewed, value);
    }

    public int Id => id;

    public PostgresShard Shard => shard;

    /// <summary>Counts the openings of all processes: whoever writes with an older one has lost the shard.</summary>
    public long Epoch => epoch;

    /// <summary>The writer's view of what is settled.</summary>
    public Progress Progress { get; } = new(opened);

    /// <summary>Why nothing of it is written any more; null as long as it is.</summary>
    public LogException? WhyRefused =>
        _lost.IsCancellationRequested ? PostgresErrors.Lost(name, shard.Shard) : Volatile.Read(ref _closed) != 0 ? PostgresErrors.SubscriptionIsClosed(name) : null;

    /// <summary>Asks the store whether the lease holds, and notes it when not.</summary>
    public async ValueTask<bool> CheckAsync()
    {
        var database = shard.Log.Database;
        var found = await database.QueryAsync($"select 1 from {database.Schema}.cursor where sub = $1 and shard = $2 and epoch = $3", static _ => true, default,
            Arg.Of(id), Arg.Of(shard.Shard), Arg.Of(epoch)).ConfigureAwait(false);
        if (found.Count == 0)
            Lose();
        return found.Count > 0;
    }

    /// <summary>Another process is to go on.</summary>
    public void Leave() => Cancel(_leaving);

    /// <summary>Another process may have gone on.</summary>
    public void Lose() => Cancel(_lost);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await shard.Log.Leases.ReleaseAsync(this).ConfigureAwait(false);
    }

    // What hangs on it runs on the pool, never on the one who noticed.
    private static void Cancel(CancellationTokenSource source) =>
        ThreadPool.UnsafeQueueUserWorkItem(static source => source.Cancel(), source, preferLocal: false);
}
