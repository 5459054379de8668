using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Weft.Diagnostics;
using Weft.Flows;

namespace Weft.Postgres.Sharing;

/// <summary>
/// What this process reads, and what it is to read. A round says that it lives, renews its leases, learns who else reads, and from that
/// follows whose each shard is. The clock of leases is the server's. A lease that was not renewed in time is given up here first;
/// what would still be written is refused by its epoch.
/// </summary>
internal sealed partial class Leases : IAsyncDisposable
{
    private readonly PostgresMessageLog _log;
    private readonly LeaseRows _rows;
    private readonly PostgresLogOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly BackgroundLoop _loop;
    private readonly ITimer _expiry;

    private readonly Lock _lock = new();
    private readonly HashSet<(string Name, int Shard)> _reserved = [];
    private readonly List<PostgresSubscription> _held = [];
    private readonly List<Waiter> _waiting = [];
    private readonly Dictionary<int, long> _wanted = []; // When this process was last seen to want a subscription.
    private bool _failing;

    public Leases(PostgresMessageLog log, PostgresLogOptions options, TimeProvider clock, ILogger logger)
    {
        (_log, _options, _clock, _logger) = (log, options, clock, logger);
        _rows = new LeaseRows(log.Database, Node, options.Lease);
        _expiry = clock.CreateTimer(static leases => ((Leases)leases!).LoseExpired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _loop = BackgroundLoop.Start("postgres/leases", RunAsync);
    }

    /// <summary>This process, or rather this opening of the store.</summary>
    public Guid Node { get; } = Guid.NewGuid();

    public TimeSpan Duration => _options.Lease;

    /// <summary>The monotonic clock by which leases run out here.</summary>
    public long Now => _clock.GetTimestamp();

    // A lease ends here a tenth of its time before it does at the server, so that handlers that heed their token have ended when another begins.
    private TimeSpan Trusted => 0.9 * _options.Lease;

    /// <summary>Whether a lease that was asked for at a time still holds.</summary>
    public bool IsFresh(long asked) => _clock.GetElapsedTime(asked) < Trusted;

    /// <summary>Claims a shard within this process. False when it is open.</summary>
    public bool TryReserve(string name, int shard)
    {
        lock (_lock)
            return _reserved.Add((name, shard));
    }

    public void Unreserve(string name, int shard)
    {
        lock (_lock)
            _reserved.Remove((name, shard));
    }

    public bool IsOpenHere(string name)
    {
        lock (_lock)
            return _reserved.Any(r => r.Name == name);
    }

    /// <summary>Keeps the lease of a subscription that was opened.</summary>
    public void Add(PostgresSubscription subscription)
    {
        lock (_lock)
        {
            _held.Add(subscription);
            _wanted[subscription.Id] = _clock.GetTimestamp();
            Arm();
        }
    }

    /// <summary>Gives a lease back. The store may be gone; then it ends by itself.</summary>
    public async ValueTask ReleaseAsync(PostgresSubscription subscription)
    {
        lock (_lock)
            _held.Remove(subscription);
        try
        {
            if (!_log.Database.IsClosed && !subscription.Lost.IsCancellationRequested)
                await _rows.ReleaseAsync([subscription]).ConfigureAwait(false);
        }
        catch (Exception e) when (e is LogException or ObjectDisposedException)
        {
            // It runs out.
        }
        Unreserve(subscription.Name, subscription.Shard.Shard);
        Wake();
    }

    /// <summary>Waits until a shard has fallen to this process and nobody else has it; a subscription that does not exist is nobody's, and anybody may create it.</summary>
    public async ValueTask WaitForTurnAsync(PostgresShard shard, string name, CancellationToken cancellation)
    {
        if (await _log.Subscriptions.FindAsync(name, cancellation).ConfigureAwait(false) is not { } found)
            return;
        var waiter = new Waiter(found.Id, shard.Shard);
        lock (_lock)
        {
            _waiting.Add(waiter);
            _wanted[found.Id] = _clock.GetTimestamp();
        }
        Wake();
        try
        {
            await waiter.Turn.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
                _waiting.Remove(waiter);
        }
    }

    /// <summary>Has a round begin at once.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Tells the other processes to look at the leases.</summary>
    public ValueTask TellAsync() => _rows.TellAsync();

    /// <summary>Gives all leases back and is gone for the others.</summary>
    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync().ConfigureAwait(false);
        await _expiry.DisposeAsync().ConfigureAwait(false);
        PostgresSubscription[] held;
        lock (_lock)
        {
            held = [.. _held];
            foreach (var waiter in _waiting)
                waiter.Turn.TrySetException(new ObjectDisposedException(nameof(PostgresMessageLog)));
        }
        try
        {
            await _rows.LeaveAsync(held).ConfigureAwait(false);
        }
        catch (Exception e) when (e is LogException or ObjectDisposedException)
        {
            // They run out.
        }
    }

    /// <summary>Ends as a process does that is killed: nothing is given back.</summary>
    internal async ValueTask AbandonAsync()
    {
        await _loop.DisposeAsync().ConfigureAwait(false);
        await _expiry.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var wait = _options.Heartbeat;
            try
            {
                if (TakeWanted() is { Count: > 0 } wanted)
                    wait = await RoundAsync(wanted, cancellation).ConfigureAwait(false);
                if (_failing)
                    LogWorking(_logger, _log.Database.Name);
                _failing = false;
            }
            catch (Exception e) when (e is LogException or ObjectDisposedException && !cancellation.IsCancellationRequested)
            {
                if (!_failing)
                    LogFailing(_logger, _log.Database.Name, e);
                _failing = true;
            }
            using var next = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(_wake.Reader.WaitToReadAsync(next.Token).AsTask(), Task.Delay(wait, _clock, next.Token)).ConfigureAwait(false);
            await next.CancelAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            _wake.Reader.TryRead(out _);
        }
    }

    private async ValueTask<TimeSpan> RoundAsync(IReadOnlyCollection<int> wanted, CancellationToken cancellation)
    {
        PostgresSubscription[] held;
        lock (_lock)
            held = [.. _held];
        long begun = _clock.GetTimestamp();
        var seen = await _rows.RoundAsync(wanted, held, cancellation).ConfigureAwait(false);
        foreach (var subscription in held)
        {
            bool isRenewed = seen.Renewed.Contains((subscription.Id, subscription.Shard.Shard));
            if (isRenewed)
                subscription.Renewed = begun;
            if (!isRenewed)
                Lose(subscription);
            else if (Rendezvous.Pick(subscription.Id, subscription.Shard.Shard, seen.ReadersOf(subscription.Id, Node)) != Node)
                subscription.Leave();
        }
        var wait = _options.Heartbeat;
        Waiter[] waiting;
        lock (_lock)
            waiting = [.. _waiting];
        foreach (var waiter in waiting)
        {
            if (Rendezvous.Pick(waiter.Subscription, waiter.Shard, seen.ReadersOf(waiter.Subscription, Node)) != Node)
                continue;
            if (!seen.Others.TryGetValue((waiter.Subscription, waiter.Shard), out var left))
                waiter.Turn.TrySetResult();
            else if (left < wait)
                wait = left + TimeSpan.FromMilliseconds(5);
        }
        return wait;
    }

    // Between two openings a subscription is still wanted, so that its shards do not wander.
    private List<int> TakeWanted()
    {
        lock (_lock)
        {
            long now = _clock.GetTimestamp();
            foreach (int id in _held.Select(h => h.Id).Concat(_waiting.Select(w => w.Subscription)))
                _wanted[id] = now;
            foreach (var (id, at) in _wanted.ToArray())
            {
                if (_clock.GetElapsedTime(at, now) > 3 * _options.Heartbeat)
                    _wanted.Remove(id);
            }
            return [.. _wanted.Keys];
        }
    }

    // On time, whatever the round is waiting for.
    private void LoseExpired()
    {
        PostgresSubscription[] expired;
        lock (_lock)
        {
            expired = [.. _held.Where(h => !IsFresh(h.Renewed))];
            Arm();
        }
        foreach (var subscription in expired)
            Lose(subscription);
    }

    // For the lease that runs out first, unless it is renewed until then.
    private void Arm()
    {
        long? first = null;
        foreach (var held in _held)
        {
            if (IsFresh(held.Renewed) && !(held.Renewed >= first))
                first = held.Renewed;
        }
        _expiry.Change(first is { } asked ? Trusted - _clock.GetElapsedTime(asked) + TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void Lose(PostgresSubscription subscription)
    {
        lock (_lock)
        {
            if (!_held.Remove(subscription))
                return;
        }
        LogLost(_logger, subscription.Name, subscription.Shard.Shard);
        subscription.Lose();
    }

    [LoggerMessage(3122, LogLevel.Warning, "Subscription {Subscription} has lost shard {Shard} to another process; what was under way is delivered again there.")]
    private static partial void LogLost(ILogger logger, string subscription, int shard);

    [LoggerMessage(3123, LogLevel.Error, "Leases in store '{Store}' cannot be renewed. It is tried again; when they run out, other processes take the shards.")]
    private static partial void LogFailing(ILogger logger, string store, Exception e);

    [LoggerMessage(3124, LogLevel.Information, "Leases in store '{Store}' are renewed again.")]
    private static partial void LogWorking(ILogger logger, string store);

    private sealed record Waiter(int Subscription, int Shard)
    {
        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Equals(Waiter? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
