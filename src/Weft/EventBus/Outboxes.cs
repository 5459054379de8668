using System.Data.Common;
using Microsoft.Extensions.Logging;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>The outboxes of this process: writing to them, and the relays that empty them.</summary>
internal sealed class Outboxes(IEnumerable<IOutboxFactory> factories, EventBus bus, TimeProvider time, ILoggerFactory loggers, BusUse? use = null) : IOutbox, IWeftPart, IAsyncDisposable
{
    private Dictionary<string, OutboxRelay> _relays = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public EventFactory Events => bus.Events;

    /// <inheritdoc/>
    public async ValueTask AddAsync(
        DbTransaction transaction, string topic, Message message, PublishSettings settings = default, DateTimeOffset? due = null, CancellationToken cancellation = default)
    {
        var row = OutboxRow.Of(topic, message, settings, due);
        await AppCommand.RunAsync(
            transaction, $"insert into {OutboxRow.Table}(topic, key, dedupe, due, event) values (@topic, @key, @dedupe, @due, @event)", cancellation,
            ("@topic", row.Topic), ("@key", row.Key), ("@dedupe", row.Dedupe), ("@due", row.Due), ("@event", System.Text.Encoding.UTF8.GetString(row.Event.Span))).ConfigureAwait(false);
        Expect();
    }

    /// <summary>Something was added that will be committed soon.</summary>
    public void Expect()
    {
        foreach (var relay in _relays.Values)
            relay.Expect();
    }

    /// <inheritdoc/>
    public async Task<IPreparedPart> PrepareAsync(WeftOptions next, CancellationToken cancellation)
    {
        var prepared = new Prepared(this, next);
        try
        {
            foreach (var (name, connection) in next.Connections.Where(c => c.Value.Outbox && use is not { OnlyLooks: true }))
                prepared.Relays.Add(name, _relays.TryGetValue(name, out var kept) && kept.Connection == connection ? kept : await OpenAsync(name, connection, cancellation).ConfigureAwait(false));
            return prepared;
        }
        catch
        {
            await prepared.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(TimeSpan drain)
    {
        foreach (var relay in _relays.Values)
            await relay.DisposeAsync().ConfigureAwait(false);
        _relays = new(StringComparer.Ordinal);
    }

    /// <summary>Stops, when nobody stopped it before.</summary>
    public ValueTask DisposeAsync() => new(StopAsync(TimeSpan.Zero));

    private async ValueTask<OutboxRelay> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation)
    {
        var factory = factories.FirstOrDefault(f => f.Handles(connection))
            ?? throw new WeftConfigurationException($"connections.{name} has an outbox and is of a kind that no registered package can read. Reference Weft.Sqlite and call UseSqlite(), or Weft.Postgres and UsePostgres().");
        return new(name, connection, await factory.OpenAsync(name, connection, cancellation).ConfigureAwait(false), bus, time, loggers.CreateLogger("Weft.EventBus"));
    }

    // Marks are kept for as long as an event can come again: while its topic keeps it, its subscriptions try, and a dead letter can be replayed.
    private static TimeSpan KeepOf(WeftOptions options)
    {
        var tries = options.Subscriptions.Select(s => s.Value.Retry.For + s.Value.Dead.Keep).Append(TimeSpan.Zero).Max();
        var kept = options.Topics.Select(t => t.Value.Keep.For).Append(TimeSpan.FromDays(7)).Max();
        return tries + kept;
    }

    private sealed class Prepared(Outboxes outboxes, WeftOptions next) : IPreparedPart
    {
        private bool _committed;

        public Dictionary<string, OutboxRelay> Relays { get; } = new(StringComparer.Ordinal);

        public async Task CommitAsync()
        {
            _committed = true;
            var before = outboxes._relays;
            var keep = KeepOf(next);
            outboxes._relays = Relays;
            foreach (var gone in before.Values.Except(Relays.Values))
                await gone.DisposeAsync().ConfigureAwait(false);
            foreach (var relay in Relays.Values)
                relay.Start(keep);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var opened in _committed ? [] : Relays.Values.Except(outboxes._relays.Values))
                await opened.DisposeAsync().ConfigureAwait(false);
        }
    }
}
