using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>
/// Empties an outbox: takes the oldest rows, appends them to their topics and deletes them. With the messages the store gets a checkpoint: the
/// rows of the batch. Should the process end before they are deleted, whoever goes on finds them there and deletes them before it takes any. So each
/// is published once, also when two relays run, since a checkpoint that has moved after it was read refuses the batch.
/// </summary>
/// <remarks>Nothing is read past a position, so no row is lost that a long transaction commits after others.</remarks>
internal sealed partial class OutboxRelay : IAsyncDisposable
{
    private const int Page = 500;

    // What a store says when a checkpoint is not where it was.
    private static readonly EventCode s_moved = new(3016);

    // The database does not tell of commits: it is asked often when one is expected, and now and then all the same.
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(3), s_idle = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_expected = TimeSpan.FromSeconds(1), s_look = TimeSpan.FromSeconds(5), s_purge = TimeSpan.FromHours(1);

    private readonly string _name;
    private readonly IOutboxSource _source;
    private readonly EventBus _bus;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _checkpoint;
    private readonly Dictionary<IMessageLog, ReadOnlyMemory<byte>> _last = [];
    private readonly AsyncSignal _wake = new();
    private readonly ITimer _timer;
    private readonly IDisposable _age, _refused;
    private BackgroundLoop? _loop;
    private OutboxFacts _facts = new(null, 0);
    private long _expected, _looked;
    private bool _retry;
    private TimeSpan _keepMarks;
    private DateTimeOffset _purged;

    public OutboxRelay(string name, ConnectionOptions connection, IOutboxSource source, EventBus bus, TimeProvider time, ILogger logger)
    {
        (_name, Connection, _source, _bus, _time, _logger) = (name, connection, source, bus, time, logger);
        _checkpoint = $"outbox {source.Identity}";
        _timer = time.CreateTimer(static wake => ((AsyncSignal)wake!).Set(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var tag = new KeyValuePair<string, object?>("outbox", name);
        _age = WeftMeter.OutboxAge.Show(() => [new Measurement<double>(AgeOf(_facts), tag)]);
        _refused = WeftMeter.OutboxRefused.Show(() => [new Measurement<long>(_facts.Refused, tag)]);
    }

    /// <summary>What was said of the database.</summary>
    public ConnectionOptions Connection { get; }

    /// <summary>Begins in the background, when it has not; and tries again what was refused, since the options are new.</summary>
    /// <param name="keepMarks">How long marks of the inbox are kept.</param>
    public void Start(TimeSpan keepMarks)
    {
        _keepMarks = keepMarks;
        Volatile.Write(ref _retry, true);
        _loop ??= BackgroundLoop.Start($"outbox {_name}", RunAsync);
    }

    /// <summary>Something will be committed soon.</summary>
    public void Expect()
    {
        Volatile.Write(ref _expected, _time.GetTimestamp());
        _wake.Set();
    }

    /// <summary>Ends after the batch that is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_loop is not null)
            await _loop.DisposeAsync().ConfigureAwait(false);
        _age.Dispose();
        _refused.Dispose();
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        var probe = new FlowSettings().Probe;
        int failures = 0;
        while (true)
        {
            try
            {
                if (Interlocked.Exchange(ref _retry, false))
                    await _source.RetryRefusedAsync(cancellation).ConfigureAwait(false);
                bool more = await MoveAsync(cancellation).ConfigureAwait(false);
                await LookAsync(cancellation).ConfigureAwait(false);
                if (failures > 0)
                    LogWorking(_logger, _name);
                failures = 0;
                if (!more)
                    await WaitAsync(_expected != 0 && _time.GetElapsedTime(_expected) < s_expected ? s_soon : s_idle, cancellation).ConfigureAwait(false);
            }
            catch (LogException e) when (e.Code == s_moved && !cancellation.IsCancellationRequested)
            {
                // Another relay has published meanwhile, as it may.
                _last.Clear();
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                // Nothing is lost: what was not deleted comes again, and what was published is known by the checkpoint.
                _last.Clear();
                if (failures++ == 0)
                    LogFailed(_logger, _name, e);
                await Task.Delay(probe.Wait(failures, 0), _time, cancellation).ConfigureAwait(false);
            }
        }
    }

    // True when there may be more at once.
    private async ValueTask<bool> MoveAsync(CancellationToken cancellation)
    {
        var batch = await _source.TakeAsync(Page, cancellation).ConfigureAwait(false);
        await using (batch.ConfigureAwait(false))
        {
            if (batch.Rows.Count == 0)
                return false;
            var stores = batch.Rows.Select(r => (r.Id, r.Row, Topic: _bus.Topics.GetValueOrDefault(r.Row.Topic))).GroupBy(r => r.Topic?.Store).ToList();
            if (await LearnAsync(batch, stores.Select(s => s.Key), cancellation).ConfigureAwait(false))
                return true;
            var refused = new List<(Guid Id, string Why)>();
            foreach (var ofStore in stores)
            {
                if (ofStore.Key is { } store)
                    await PublishAsync(store, [.. ofStore.Select(r => (r.Id, r.Row, r.Topic!))], refused, cancellation).ConfigureAwait(false);
                else
                    refused.AddRange(ofStore.Select(r => (r.Id, new UnknownTopicException(r.Row.Topic, _bus.Topics.Keys).Message)));
            }
            foreach (var (id, why) in refused)
                LogRefused(_logger, _name, id, why);
            var gone = refused.Select(r => r.Id).ToHashSet();
            await batch.CompleteAsync([.. batch.Rows.Select(r => r.Id).Where(id => !gone.Contains(id))], refused, cancellation).ConfigureAwait(false);
            return batch.Rows.Count == Page;
        }
    }

    // Reads the checkpoints of stores where that is not known, and deletes the rows that they have. True when it did: rows that were taken before may
    // have been published by another, who has gone on since, and only those taken after it are safe.
    private async ValueTask<bool> LearnAsync(IOutboxBatch batch, IEnumerable<IMessageLog?> stores, CancellationToken cancellation)
    {
        var (found, published) = (new List<(IMessageLog Store, ReadOnlyMemory<byte> Last)>(), new List<Guid>());
        foreach (var store in stores)
        {
            if (store is null || _last.ContainsKey(store))
                continue;
            var last = await store.ReadCheckpointAsync(_checkpoint, cancellation).ConfigureAwait(false);
            found.Add((store, last));
            published.AddRange(MemoryMarshal.Cast<byte, Guid>(last.Span));
        }
        if (published.Count > 0)
            await batch.CompleteAsync(published, [], cancellation).ConfigureAwait(false);
        foreach (var (store, last) in found)
            _last[store] = last;
        return found.Count > 0;
    }

    private async ValueTask PublishAsync(
        IMessageLog store, IReadOnlyList<(Guid Id, OutboxRow Row, Topic Topic)> rows, List<(Guid Id, string Why)> refused, CancellationToken cancellation)
    {
        var last = _last[store];
        var transaction = store.Begin();
        await using (transaction.ConfigureAwait(false))
        {
            var added = new List<Guid>(rows.Count);
            foreach (var (id, row, topic) in rows)
            {
                if (TryAdd(transaction, id, row, topic) is { } why)
                    refused.Add((id, why));
                else
                    added.Add(id);
            }
            if (added.Count == 0)
                return;
            byte[] next = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(added)).ToArray();
            transaction.Checkpoint(_checkpoint, next, last);
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
            _last[store] = next;
            foreach (var ofTopic in rows.GroupBy(r => r.Topic))
                ofTopic.Key.Telemetry.Published(ofTopic.Count());
        }
    }

    // Adds a row to a transaction, and says why when it cannot be published.
    private static string? TryAdd(LogTransaction transaction, Guid id, OutboxRow row, Topic topic)
    {
        if (!CloudEventHttp.TryReadStructured(row.Event.Span, out var message, out var error))
            return $"Its event cannot be read: {error}";
        try
        {
            var key = row.Key is null ? topic.KeyOf(message) : System.Text.Encoding.UTF8.GetBytes(row.Key);
            if (row.Due is { } due)
                transaction.Schedule(topic.Log, new() { Token = $"outbox {id}", Topic = topic.Name, Due = DateTimeOffset.FromUnixTimeMilliseconds(due), Key = key, Message = message });
            else
                transaction.Append(topic.Log, message, key, topic.OnceOf(message, row.Dedupe));
            return null;
        }
        catch (Exception e) when (e is ArgumentException or LogException)
        {
            return e.Message;
        }
    }

    private async ValueTask LookAsync(CancellationToken cancellation)
    {
        if (_looked != 0 && _time.GetElapsedTime(_looked) < s_look)
            return;
        _looked = _time.GetTimestamp();
        _facts = await _source.LookAsync(cancellation).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        if (now - _purged > s_purge)
            await _source.PurgeMarksAsync(now - _keepMarks, cancellation).ConfigureAwait(false);
        _purged = now - _purged > s_purge ? now : _purged;
    }

    private async ValueTask WaitAsync(TimeSpan wait, CancellationToken cancellation)
    {
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
        await _wake.WaitAsync(cancellation).ConfigureAwait(false);
    }

    private double AgeOf(OutboxFacts facts) => facts.Oldest is { } oldest ? Math.Max(0, (_time.GetUtcNow() - oldest).TotalSeconds) : 0;

    [LoggerMessage(4040, LogLevel.Error, "Outbox {Outbox} cannot be relayed; its events stay where they are, and it is tried again.")]
    private static partial void LogFailed(ILogger logger, string outbox, Exception e);

    [LoggerMessage(4041, LogLevel.Information, "Outbox {Outbox} is relayed again.")]
    private static partial void LogWorking(ILogger logger, string outbox);

    [LoggerMessage(4042, LogLevel.Warning, "Outbox {Outbox}: row {Id} cannot be published and stays in weft_outbox with its error: {Why} Those after it go on. Mend its cause and set its error to null, or delete the row; with a restart all are tried again.")]
    private static partial void LogRefused(ILogger logger, string outbox, Guid id, string why);
}
