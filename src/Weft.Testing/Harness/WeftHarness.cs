using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;

namespace Weft.Testing;

/// <summary>
/// Runs a Weft set-up inside a test: the shipping parts and the same configuration, with stores in memory, a clock that stands still until the
/// test moves it, and fakes in place of services. No network, no files, no waiting. Use it from one test at a time.
/// </summary>
/// <remarks>
/// Handlers that wait for time must do it on <see cref="Time"/>, which they get as <see cref="TimeProvider"/> from their services. Work that a
/// handler leaves behind when it returns is not waited for.
/// </remarks>
public sealed class WeftHarness : IAsyncDisposable
{
    private static readonly TimeSpan s_probing = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_clock = TimeSpan.FromMilliseconds(50);

    private readonly Action<WeftBuilder> _weft;
    private readonly Action<IServiceCollection>? _configure;
    private readonly ManualTime _time = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly HarnessRecord _record = new();
    private readonly HarnessStores _stores;
    private readonly FakeServices _fakes;
    private readonly List<Task> _dead = [];
    private HarnessProcess _process = null!;

    private WeftHarness(Action<WeftBuilder> weft, Action<IServiceCollection>? services)
    {
        (_weft, _configure) = (weft, services);
        (_stores, _fakes) = (new(_time, _record), new(_record));
        _time.Armed += _record.SayChanged;
    }

    /// <summary>Starts a set-up. Whatever store its connections name, it is in memory; without a connection there is one.</summary>
    /// <param name="weft">What is given to <c>AddWeft</c>. Called again at each restart.</param>
    /// <param name="services">Adds what handlers need. Called again at each restart, so what must survive it comes from outside.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="Options.WeftConfigurationException">The options cannot be met.</exception>
    public static async Task<WeftHarness> StartAsync(Action<WeftBuilder> weft, Action<IServiceCollection>? services = null, CancellationToken cancellation = default)
    {
        var harness = new WeftHarness(weft, services);
        harness._process = await harness.StartProcessAsync(cancellation).ConfigureAwait(false);
        return harness;
    }

    /// <summary>The services of the running app; others after a restart.</summary>
    public IServiceProvider Services => _process.Services;

    /// <summary>Publishes to the running app; another after a restart.</summary>
    public IPublisher Publisher => Services.GetRequiredService<IPublisher>();

    /// <summary>The clock. Begins at 2026-01-01 UTC.</summary>
    public TimeProvider Time => _time;

    /// <summary>How long, in real time, <see cref="IdleAsync"/> waits for handlers that do not end. Default 30 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Says how a service answers from now on. A service that is called without it fails the test at the next <see cref="IdleAsync"/>.</summary>
    /// <param name="name">Its name under <c>services</c>.</param>
    /// <param name="answer">Makes the answer to a request.</param>
    public void Service(string name, Func<HttpRequestMessage, HttpResponseMessage> answer) => Service(name, (request, _) => Task.FromResult(answer(request)));

    /// <inheritdoc cref="Service(string, Func{HttpRequestMessage, HttpResponseMessage})"/>
    public void Service(string name, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) => _fakes.Set(name, answer);

    /// <summary>Publishes an event, as <see cref="IPublisher"/> does.</summary>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    public ValueTask<long> PublishAsync(string topic, Message message, CancellationToken cancellation = default) => Publisher.PublishAsync(topic, message, cancellation);

    /// <summary>
    /// Returns once everything that is due has been handled and settled, and what came of it too. What waits for a time, such as a retry, a
    /// scheduled event or a handler that has set a timer, is not due before <see cref="AdvanceAsync"/> gets there.
    /// </summary>
    /// <exception cref="TimeoutException">Something goes on for longer than <see cref="Patience"/>; the message says what.</exception>
    /// <exception cref="InvalidOperationException">A service was called that the test says nothing about.</exception>
    public async Task IdleAsync(CancellationToken cancellation = default)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var check = new IdleCheck(_process, _stores, _record, _time);
        long begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var changed = _record.Changed;
            var activity = check.Look();
            if (_record.Unanswered.Keys.FirstOrDefault() is { } service)
                throw new InvalidOperationException($"Service '{service}' was called, and the test does not say what it answers. Call Service(\"{service}\", request => ...) before.");
            if (activity == Activity.None)
                return;
            var left = Patience - TimeProvider.System.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
                throw new TimeoutException($"After {Patience.TotalSeconds} s there is still something to do.{check.Describe()} A handler that waits for time must wait on the harness's Time.");
            // Where others than Weft say when they are done, that nothing moves for a moment has to do.
            var wait = activity switch { Activity.Probes => s_probing, Activity.WaitsForClock => s_clock, _ => left };
            if (!await ChangesAsync(changed, wait, cancellation).ConfigureAwait(false) && activity != Activity.Works)
                return;
        }
    }

    /// <summary>
    /// Lets time pass: timers fire one after another, each at its time, and after each everything that it made due is handled. Begins and ends
    /// with <see cref="IdleAsync"/> and throws what that throws.
    /// </summary>
    /// <param name="by">How much. Not negative.</param>
    /// <param name="cancellation">Gives up between two timers.</param>
    public async Task AdvanceAsync(TimeSpan by, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        await IdleAsync(cancellation).ConfigureAwait(false);
        long end = _time.GetTimestamp() + by.Ticks;
        var check = new IdleCheck(_process, _stores, _record, _time);
        for (long next; (next = check.NextDue()) <= end;)
        {
            _time.MoveTo(next);
            await IdleAsync(cancellation).ConfigureAwait(false);
        }
        _time.MoveTo(end);
        await IdleAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>The events of a topic, in order, as far as <c>keep</c> has not dropped them.</summary>
    /// <exception cref="UnknownTopicException">Nobody has opened such a topic.</exception>
    public IReadOnlyList<Message> Published(string topic)
    {
        var topics = _stores.Topics();
        return topics.TryGetValue(topic, out var entries) ? [.. entries.Select(e => e.Message)] : throw new UnknownTopicException(topic, topics.Keys);
    }

    /// <summary>The events that a subscription has handled with success, in the order in which it was done; one that came again is there again.</summary>
    public IReadOnlyList<Message> Handled(string subscription) => [.. Tries(subscription).Where(t => t.Outcome.Kind == OutcomeKind.Acknowledged).Select(t => t.Message)];

    /// <summary>All tries of a subscription with what came of them, in the order of their ends.</summary>
    /// <exception cref="ArgumentException">There is no such subscription.</exception>
    public IReadOnlyList<HandledMessage> Tries(string subscription)
    {
        _ = Find(subscription, ParkedState.Dead);
        return _record.TriesOf(subscription);
    }

    /// <summary>The dead letters of a subscription with their reasons, in the order of their positions.</summary>
    /// <exception cref="ArgumentException">There is no such subscription.</exception>
    public IReadOnlyList<ParkedMessage> DeadLetters(string subscription) => Find(subscription, ParkedState.Dead).Rows;

    /// <summary>What a subscription will try again, with when and why, in the order of their positions.</summary>
    /// <exception cref="ArgumentException">There is no such subscription.</exception>
    public IReadOnlyList<ParkedMessage> Waiting(string subscription) => Find(subscription, ParkedState.Retry).Rows;

    /// <summary>
    /// Ends the app as a crash would and starts it again: what runs is cut off, what was not committed is gone, and what was handled and not
    /// settled comes again. What the stores have is there again.
    /// </summary>
    /// <param name="powerFails">
    /// Whether the power fails too: then what subscriptions have settled since the last publish comes again, though its handlers had returned. An
    /// event that was published is never lost.
    /// </param>
    /// <param name="cancellation">Gives up.</param>
    public async Task CrashAndRestartAsync(bool powerFails = false, CancellationToken cancellation = default)
    {
        var dead = _process;
        dead.IsDead = true;
        _stores.Crash(powerFails);
        var end = EndAsync(dead);
        _dead.Add(end);
        // A handler that heeds its token ends at once; one that does not is left behind.
        await Task.WhenAny(end, Task.Delay(s_clock, TimeProvider.System, cancellation)).ConfigureAwait(false);
        _process = await StartProcessAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Stops the app cleanly, as the end of its host does, and starts it again.</summary>
    public async Task RestartAsync(CancellationToken cancellation = default)
    {
        await StopAsync(cancellation).ConfigureAwait(false);
        await _process.DisposeAsync().ConfigureAwait(false);
        _process = await StartProcessAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Stops the app cleanly: takes nothing more, lets handlers finish, and stores what they did. What was recorded can still be read.</summary>
    public Task StopAsync(CancellationToken cancellation = default) => _process.StopAsync(cancellation);

    /// <summary>Ends everything; handlers that run are cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        _process.IsDead = true;
        _dead.Add(EndAsync(_process));
        await Task.WhenAny(Task.WhenAll(_dead), Task.Delay(Patience, TimeProvider.System)).ConfigureAwait(false);
    }

    private static async Task EndAsync(HarnessProcess process)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await process.Bus.StopAsync(TimeSpan.Zero).ConfigureAwait(false);
        await process.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<bool> ChangesAsync(Task changed, TimeSpan within, CancellationToken cancellation)
    {
        try
        {
            await changed.WaitAsync(within, TimeProvider.System, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private Task<HarnessProcess> StartProcessAsync(CancellationToken cancellation) =>
        HarnessProcess.StartAsync(_weft, _configure, _stores, _fakes, _record, _time, cancellation);

    private StoredWork Find(string subscription, ParkedState state)
    {
        var all = _stores.Subscriptions(state);
        return all.TryGetValue(subscription, out var found) ? found
            : throw new ArgumentException($"There is no subscription '{subscription}'. Subscriptions: {string.Join(", ", all.Keys)}.", nameof(subscription));
    }
}
