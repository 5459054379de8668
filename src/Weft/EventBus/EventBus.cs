using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>What stores are opened for.</summary>
/// <param name="OnlyLooks">
/// Whether an operator looks at what stands still: then nothing that is due is published, and nothing is dropped for having been read.
/// </param>
internal sealed record BusUse(bool OnlyLooks);

/// <summary>The topics and subscriptions that run in this process.</summary>
internal sealed class EventBus : IPublisher, IWeftPart, IAsyncDisposable
{
    private readonly StoreSet _stores;
    private readonly TargetFactory _targets;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly Housekeeping? _housekeeping;
    private readonly Schedule? _schedule;
    private readonly LagGauges? _lag;
    private readonly Pauses? _pauses;

    private Dictionary<string, Topic> _topics = [];
    private Dictionary<string, SubscriptionRunner> _subscriptions = [];
    private IReadOnlyCollection<string> _named = [];
    private OptionsMap<string> _vars = [];

    /// <param name="factories">Open stores.</param>
    /// <param name="targets">Makes what subscriptions deliver to.</param>
    /// <param name="events">Makes events of objects.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where loggers come from.</param>
    /// <param name="use">What the stores are opened for; null to run.</param>
    public EventBus(IEnumerable<ILogFactory> factories, TargetFactory targets, EventFactory events, TimeProvider time, ILoggerFactory loggers, BusUse? use = null)
    {
        (_stores, _targets, Events, _time, _loggers) = (new(factories), targets, events, time, loggers);
        Dead = new DeadChanges(this, time);
        if (use is { OnlyLooks: true })
            return;
        _housekeeping = new Housekeeping(this, time, loggers.CreateLogger("Weft.EventBus"));
        _schedule = new Schedule(this, time, loggers.CreateLogger("Weft.EventBus"));
        _lag = new LagGauges(this, time);
        _pauses = new Pauses(this, time, loggers.CreateLogger("Weft.EventBus"));
    }

    /// <inheritdoc/>
    public EventFactory Events { get; }

    /// <summary>Changes dead letters.</summary>
    public DeadChanges Dead { get; }

    /// <summary>The topics in use.</summary>
    public IReadOnlyDictionary<string, Topic> Topics => _topics;

    /// <summary>The subscriptions that run.</summary>
    public IReadOnlyDictionary<string, SubscriptionRunner> Subscriptions => _subscriptions;

    /// <summary>
    /// The subscriptions that the options name: those that run, and those that are switched off here. Another process may run these, or this
    /// one later; what they have not read is kept.
    /// </summary>
    public IReadOnlyCollection<string> Named => _named;

    /// <inheritdoc/>
    public ValueTask<long> PublishAsync(string topic, Message message, CancellationToken cancellation = default) =>
        PublishAsync(topic, message, default, cancellation);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<long> PublishAsync(string topic, Message message, PublishSettings options, CancellationToken cancellation = default)
    {
        var to = Find(topic);
        using var activity = to.Telemetry.Publish();
        message = Causation.WithTrace(Marked(message), activity?.Id);
        var key = options.Key is null ? to.KeyOf(message) : Encoding.UTF8.GetBytes(options.Key);
        long start = _time.GetTimestamp();
        try
        {
            long position = await to.Log.AppendAsync(message, key, cancellation, to.OnceOf(message, options.DedupeId)).ConfigureAwait(false);
            to.Telemetry.Published(1, _time.GetElapsedTime(start));
            return position;
        }
        catch (Exception e)
        {
            activity.Fail(e.GetType().Name);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<string> ScheduleAsync(string topic, Message message, DateTimeOffset due, string? token = null, CancellationToken cancellation = default)
    {
        if (token is { Length: 0 or > 200 })
            throw new ArgumentException($"The token has {token.Length} characters; allowed are 1 to 200.", nameof(token));
        var to = Find(topic);
        message = Marked(message);
        token ??= Guid.CreateVersion7(_time.GetUtcNow()).ToString();
        var transaction = to.Store.Begin();
        await using (transaction.ConfigureAwait(false))
        {
            transaction.Schedule(to.Log, new() { Token = token, Topic = topic, Due = due, Key = to.KeyOf(message), Message = message });
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }
        _schedule?.Wake();
        return token;
    }

    /// <inheritdoc/>
    public ValueTask<bool> UnscheduleAsync(string topic, string token, CancellationToken cancellation = default) => Find(topic).Store.UnscheduleAsync(token, cancellation);

    /// <inheritdoc/>
    public async ValueTask PublishAsync(string topic, ReadOnlyMemory<Message> messages, CancellationToken cancellation = default)
    {
        var to = Find(topic);
        using var activity = to.Telemetry.Publish(messages.Length);
        var transaction = to.Store.Begin();
        await using (transaction.ConfigureAwait(false))
        {
            foreach (var given in messages.Span)
            {
                var message = Causation.WithTrace(Marked(given), activity?.Id);
                transaction.Append(to.Log, message, to.KeyOf(message), to.OnceOf(message));
            }
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }
        to.Telemetry.Published(messages.Length);
    }

    /// <inheritdoc/>
    public async Task<IPreparedPart> PrepareAsync(WeftOptions next, CancellationToken cancellation)
    {
        var prepared = new PreparedBus(this);
        try
        {
            await prepared.BuildAsync(next, cancellation).ConfigureAwait(false);
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
        if (_housekeeping is not null)
            await _housekeeping.DisposeAsync().ConfigureAwait(false);
        if (_pauses is not null)
            await _pauses.DisposeAsync().ConfigureAwait(false);
        if (_lag is not null)
            await _lag.DisposeAsync().ConfigureAwait(false);
        if (_schedule is not null)
            await _schedule.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_subscriptions.Values.Select(s => s.StopAsync(drain))).ConfigureAwait(false);
        _subscriptions = [];
        _topics = [];
        await _stores.CloseAllButAsync(new HashSet<IMessageLog>()).ConfigureAwait(false);
    }

    /// <summary>Stops without time to drain, when nobody stopped it before.</summary>
    public ValueTask DisposeAsync() => new(StopAsync(TimeSpan.Zero));

    // What a handler publishes says because of what.
    internal static Message Marked(in Message message) =>
        DeliveryScope.Current is { Item: { IsDefault: false } cause } ? Causation.Mark(message, cause) : message;

    private Topic Find(string topic) =>
        _topics.TryGetValue(topic, out var found) ? found : throw new UnknownTopicException(topic, _topics.Keys);

    // The next topics and subscriptions, built beside the running ones.
    private sealed class PreparedBus(EventBus bus) : IPreparedPart
    {
        private readonly Dictionary<string, (ConnectionOptions Options, IMessageLog Log)> _opened = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal);
        private readonly Dictionary<string, SubscriptionRunner> _subscriptions = new(StringComparer.Ordinal);
        private IReadOnlyCollection<string> _named = [];
        private OptionsMap<string> _vars = [];

        public async Task BuildAsync(WeftOptions next, CancellationToken cancellation)
        {
            _named = next.Subscriptions.Keys.ToHashSet(StringComparer.Ordinal);
            _vars = next.Vars;
            var sameVars = next.Vars == bus._vars;
            foreach (var (name, options) in next.Topics.Where(t => t.Value.Enabled))
            {
                string connection = options.Store ?? next.Connections.Single(c => c.Value.IsStore).Key;
                var store = await bus._stores.OpenAsync(connection, next.Connections[connection], _opened, cancellation).ConfigureAwait(false);
                var kept = bus._topics.GetValueOrDefault(name);
                _topics.Add(name, kept is not null && kept.Store == store && kept.Options == options && sameVars
                    ? kept
                    : new(name, options, store, await store.OpenTopicAsync(name, cancellation).ConfigureAwait(false), new TopicKey(name, options.Key, next)));
            }
            foreach (var (name, options) in next.Subscriptions.Where(s => s.Value.Enabled))
            {
                var topic = _topics[options.From];
                var kept = bus._subscriptions.GetValueOrDefault(name);
                _subscriptions.Add(name, kept is not null && kept.Options == options && sameVars && bus._topics.GetValueOrDefault(options.From) == topic
                    ? kept
                    : Build(name, options, topic, next));

                // It exists from here on, so that it gets whatever is published once the process says it has started.
                if (kept is null)
                    await topic.Log.CreateSubscriptionAsync(name, SubscriptionRunner.StartOf(options), cancellation).ConfigureAwait(false);
            }
            foreach (var ofStore in _subscriptions.Values.GroupBy(s => s.Store))
                Pauses.Apply(await Pauses.ReadAsync(ofStore.Key, cancellation).ConfigureAwait(false), ofStore);
        }

        public async Task CommitAsync()
        {
            bus._stores.Keep(_opened);
            foreach (var (_, store) in _opened)
                store.Log.Answer((subscription, request, cancellation) => bus.Dead.AnswerAsync(store.Log, subscription, request, cancellation));
            _opened.Clear();
            var replaced = bus._subscriptions.Values.Except(_subscriptions.Values).ToArray();
            var added = _subscriptions.Values.Except(bus._subscriptions.Values).ToArray();
            (bus._topics, bus._subscriptions, bus._named, bus._vars) = (_topics, _subscriptions, _named, _vars);

            // A subscription has one reader at a time, so the old one ends before the new one begins.
            await Task.WhenAll(replaced.Select(s => s.StopAsync(ReloadDrain))).ConfigureAwait(false);
            foreach (var ofTopic in _subscriptions.Values.GroupBy(s => s.Options.From))
                Condition.Join([.. ofTopic.Select(s => s.Condition).OfType<Condition>()]);
            foreach (var subscription in added)
                subscription.Start();
            bus._schedule?.Wake();
            await bus._stores.CloseAllButAsync(_topics.Values.Select(t => t.Store).ToHashSet()).ConfigureAwait(false);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (_, store) in _opened)
                await store.Log.DisposeAsync().ConfigureAwait(false);
        }

        private SubscriptionRunner Build(string name, SubscriptionOptions options, Topic topic, WeftOptions next)
        {
            var logger = bus._loggers.CreateLogger("Weft.EventBus");
            var errors = new RuleErrors(name, bus._time, logger);
            ITarget<Message> target = new ExpiryTarget(bus._targets.Create(name, options), bus._time);
            var condition = options.When is { } when ? new Condition(name, when, next) : null;
            if (condition is not null)
                target = new ConditionTarget(target, condition, errors);
            return new(name, options, topic, target, bus._time, new FlowTelemetry(name, logger, new(name, options.From)), errors, condition);
        }
    }

    private static readonly TimeSpan ReloadDrain = TimeSpan.FromSeconds(30);
}
