using Weft.AspNetCore.Endpoints;
using Weft.EventBus;
using Weft.Options;

namespace Weft.Server.Client;

/// <summary>The stores of an instance that does not run. They are opened under their locks, so nobody else has them meanwhile.</summary>
internal sealed class StoppedInstance : IOperator
{
    private readonly ServiceProvider _services;
    private readonly WeftOptions _options;
    private readonly BusAdmin _bus;
    private readonly DeadLetters _dead;
    private readonly MessageLookup _messages;

    private StoppedInstance(ServiceProvider services, WeftOptions options)
    {
        (_services, _options) = (services, options);
        _bus = services.GetRequiredService<BusAdmin>();
        var time = services.GetRequiredService<TimeProvider>();
        (_dead, _messages) = (new(_bus, () => options, time), new(_bus, () => options, time));
    }

    /// <summary>Opens the stores. Makes none.</summary>
    /// <exception cref="CommandException">A store does not exist yet.</exception>
    /// <exception cref="Flows.LogException">A store cannot be opened.</exception>
    public static async Task<StoppedInstance> OpenAsync(WeftOptions options)
    {
        foreach (var (name, connection) in options.Connections)
        {
            if (connection.Sqlite is { } file && !File.Exists(file))
                throw new CommandException(ExitCode.Unreachable, $"The store of connections.{name}, {file}, does not exist yet: nothing was published so far.");
        }

        // Topics without subscriptions, and not open to anybody: nothing comes or goes while an operator looks.
        var stores = new WeftOptions
        {
            Connections = options.Connections,
            Vars = options.Vars,
            Topics = [.. options.Topics.Select(t => KeyValuePair.Create(t.Key, t.Value with { Accept = null }))],
        };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(new BusUse(OnlyLooks: true));
        services.AddWeft(weft => weft.UseSqlite().UsePostgres().Options = stores);
        var provider = services.BuildServiceProvider();
        try
        {
            await provider.GetRequiredService<WeftRuntime>().StartAsync(CancellationToken.None).ConfigureAwait(false);
            return new(provider, options);
        }
        catch
        {
            await provider.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SubscriptionView>> SubscriptionsAsync() =>
        [.. (await _bus.ListAsync(default).ConfigureAwait(false)).Select(s => AdminApi.View(s) is var view && IsNamed(view.Name) && s.State != SubscriptionState.Paused ? view with { State = "stopped", Reason = "nothing runs" } : view)];

    /// <inheritdoc/>
    public Task<IReadOnlyList<ServiceView>> ServicesAsync() =>
        throw new CommandException(ExitCode.Unreachable, "Nothing runs, and only what runs calls services. Start it with 'weft run', or name a running instance with --url.");

    /// <inheritdoc/>
    public async Task<ChangeResult> HoldAsync(string subscription, bool pause) =>
        await (pause ? _bus.PauseAsync(subscription, default) : _bus.ResumeAsync(subscription, default)).ConfigureAwait(false)
            ? new(subscription, pause ? "paused" : "resumed") : throw await UnknownAsync(subscription).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<ChangeResult> SeekAsync(string subscription, string to) =>
        await _bus.SeekAsync(subscription, AdminApi.ParseStart(to), default).ConfigureAwait(false) ? new(subscription, "moved") : throw await UnknownAsync(subscription).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<ChangeResult> RemoveAsync(string subscription)
    {
        if (IsNamed(subscription))
            throw new CommandException(ExitCode.Failed, $"Subscription '{subscription}' is in the file. Take it out of the file first, then remove it.");
        return await _bus.RemoveAsync(subscription, default).ConfigureAwait(false) ? new(subscription, "removed") : throw await UnknownAsync(subscription).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<DeadPage> ListDeadAsync(DeadQuery query, int limit) => _dead.ListAsync(query, limit, default);

    /// <inheritdoc/>
    public Task<DeadGroups> GroupDeadAsync(DeadQuery query) => _dead.GroupAsync(query, default);

    /// <inheritdoc/>
    public Task<DeadView> ShowDeadAsync(string subscription, string position) =>
        _dead.ShowAsync(subscription, DeadLetters.ParsePosition(position), default);

    /// <inheritdoc/>
    public Task<DeadView> EditDeadAsync(string subscription, string position, DeadEdit edit) =>
        _dead.EditAsync(subscription, DeadLetters.ParsePosition(position), edit, Environment.UserName, default);

    /// <inheritdoc/>
    public Task<DeadResult> ChangeDeadAsync(DeadRequest request, bool replay) => _dead.ChangeAsync(request, replay, default);

    /// <inheritdoc/>
    public Task<MessagePage> ListMessagesAsync(MessageQuery query, int limit) => _messages.ListAsync(query, limit, default);

    /// <inheritdoc/>
    public Task<MessageView> ShowMessageAsync(string topic, string position) => _messages.ShowAsync(topic, DeadLetters.ParsePosition(position), default);

    /// <inheritdoc/>
    public Task<TraceView> TraceMessageAsync(string topic, string position) => _messages.TraceAsync(topic, DeadLetters.ParsePosition(position), default);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _services.GetRequiredService<WeftRuntime>().StopAsync(default).ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    private bool IsNamed(string subscription) => _options.Subscriptions.TryGetValue(subscription, out var named) && named.Enabled;

    private async Task<CommandException> UnknownAsync(string subscription) => new(
        ExitCode.Failed, $"There is no subscription '{subscription}'. Subscriptions: {string.Join(", ", (await SubscriptionsAsync().ConfigureAwait(false)).Select(s => s.Name))}.");
}
