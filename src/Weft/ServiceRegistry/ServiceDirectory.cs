using Microsoft.Extensions.Logging;
using Weft.Options;
using Weft.ServiceRegistry.Health;

namespace Weft.ServiceRegistry;

/// <summary>The services in force. Who calls one asks here each time, so that a reload reaches everybody at once.</summary>
internal sealed class ServiceDirectory : IWeftPart, IDisposable
{
    private readonly TimeProvider _time;
    private readonly ILogger<ServiceDirectory> _log;
    private readonly ServiceMetrics _metrics;
    private readonly ITransportSource? _transports;
    private readonly HealthProbers _probers;

    // Only used while services are made, so one will do.
    private readonly Random _chance;

    public ServiceDirectory(TimeProvider time, ILogger<ServiceDirectory> log, Random? chance = null, ITransportSource? transports = null)
    {
        (_time, _log, _chance, _transports) = (time, log, chance ?? new(), transports);
        _probers = new HealthProbers(time, new Random(_chance.Next()));
        _metrics = new ServiceMetrics(() => Current.All, time);
    }

    /// <summary>The services of the revision in force.</summary>
    public Services Current { get; private set; } = Services.None;

    /// <inheritdoc/>
    public Task<IPreparedPart> PrepareAsync(WeftOptions next, CancellationToken cancellation) =>
        Task.FromResult<IPreparedPart>(new Prepared(this, Current.With(next, _time, _chance, _log, _transports)));

    /// <summary>Ends the health checks; calls run on the connections they have.</summary>
    public Task StopAsync(TimeSpan drain) => _probers.FollowAsync([]);

    /// <inheritdoc/>
    public void Dispose() => _metrics.Dispose();

    private sealed class Prepared(ServiceDirectory directory, Services next) : IPreparedPart
    {
        public Task CommitAsync()
        {
            var before = directory.Current;
            directory.Current = next;
            foreach (var service in next.All)
                service.Adopt();
            foreach (var gone in before.All.SelectMany(s => s.Instances).Except(next.All.SelectMany(s => s.Instances)))
                gone.Leave();
            return directory._probers.FollowAsync(next.All);
        }

        public ValueTask DisposeAsync() => default;
    }
}
