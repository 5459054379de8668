using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.EventBus;
using Weft.Flows;
using Weft.Options;

namespace Weft.FlowSimulation;

/// <summary>One life of the process: the shipping parts on a simulated store. It can die at each seam.</summary>
internal sealed class SimulatedProcess(SimulatedStore store, World world, Judge judge, Sabotage sabotage) : ILogFactory
{
    private ServiceProvider? _services;
    private int _diesIn = int.MaxValue;
    private bool _dead;

    /// <summary>Whether it takes work.</summary>
    public bool Started { get; private set; }

    /// <summary>Whether it was killed; the first to see it notes it.</summary>
    public bool IsDead
    {
        get
        {
            if (!_dead && _services is not null && !store.IsReachable)
                Die();
            return _dead;
        }
    }

    /// <summary>Publishes to it.</summary>
    public IPublisher Publisher => _services!.GetRequiredService<IPublisher>();

    /// <summary>The store, without faults.</summary>
    public IMessageLog Log { get; private set; } = null!;

    /// <summary>Starts it.</summary>
    public async Task StartAsync(Action<WeftBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(world.Time).AddSingleton<ILogFactory>(this);
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddWeft(configure);
        Log = store.Open();
        _services = services.BuildServiceProvider();
        if (sabotage == Sabotage.SettlesEarly)
            _services.GetRequiredService<TargetFactory>().Around = static (_, target) => new EarlyTarget(target);
        await Runtime.StartAsync(default);
        ThrowIfDead();
        Started = true;
    }

    /// <summary>Stops it cleanly.</summary>
    public async Task StopAsync()
    {
        Started = false;
        await Runtime.StopAsync(default);
    }

    /// <summary>Lets go of what is left of it, dead or stopped.</summary>
    public async Task AbandonAsync()
    {
        Started = false;
        if (_services is not null)
        {
            await _services.GetRequiredService<EventBus.EventBus>().StopAsync(TimeSpan.Zero);
            await _services.DisposeAsync();
        }
        if (Log is not null)
            await Log.DisposeAsync();
    }

    /// <summary>Kills it after so many seams.</summary>
    public void KillIn(int seams) => _diesIn = seams;

    /// <summary>Something was done to it that may bring back what was handled.</summary>
    public void CountFault() => judge.CountFault();

    /// <summary>A seam: others may run, time may go by, and it may die.</summary>
    public async ValueTask CrossAsync(CancellationToken cancellation)
    {
        Step();
        for (int i = world.Chance.Next(4); i > 0; i--)
            await Task.Yield();
        if (!world.IsCalm && world.OneIn(8))
        {
            world.Faults.Add("delays");
            await world.WaitAsync(world.UpTo(300), cancellation);
        }
        Step();
        ThrowIfDead();
    }

    /// <summary>What a dead process calls does nothing.</summary>
    public void ThrowIfDead() => ObjectDisposedException.ThrowIf(IsDead, this);

    bool ILogFactory.Handles(ConnectionOptions connection) => true;

    ValueTask<IMessageLog> ILogFactory.OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation) =>
        new(new FaultyLog(Log, this, world, sabotage));

    private WeftRuntime Runtime => _services!.GetRequiredService<WeftRuntime>();

    private void Step()
    {
        if (--_diesIn <= 0 && !_dead)
        {
            store.Cut();
            Die();
        }
    }

    private void Die()
    {
        _dead = true;
        Started = false;
        judge.Crashed();
    }
}
