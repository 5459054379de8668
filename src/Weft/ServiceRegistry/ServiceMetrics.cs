using System.Diagnostics.Metrics;
using Weft.CircuitBreaker;
using Weft.Diagnostics;

namespace Weft.ServiceRegistry;

/// <summary>Shows how services stand: what runs, what may run, how long attempts may take, and which breakers are open. Read when somebody asks.</summary>
internal sealed class ServiceMetrics : IDisposable
{
    private readonly Func<IEnumerable<Service>> _services;
    private readonly TimeProvider _time;
    private readonly IDisposable[] _shown;

    /// <param name="services">The services as they are now.</param>
    /// <param name="time">Their clock.</param>
    public ServiceMetrics(Func<IEnumerable<Service>> services, TimeProvider time)
    {
        (_services, _time) = (services, time);
        _shown =
        [
            WeftMeter.RunningCalls.Show(() => Each(s => s.Guard.Bulkhead.Running)),
            WeftMeter.QueuedCalls.Show(() => Each(s => s.Guard.Bulkhead.Queued)),
            WeftMeter.CallLimit.Show(() => Each(s => s.Guard.Bulkhead.Limit).Where(m => m.Value < int.MaxValue)),
            WeftMeter.AttemptTimeout.Show(Timeouts),
            WeftMeter.OpenBreakers.Show(Breakers),
            WeftMeter.Instances.Show(Instances),
            WeftMeter.Panics.Show(() => Each(s => s.Health.IsPanic ? 1 : 0)),
        ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var shown in _shown)
            shown.Dispose();
    }

    private IEnumerable<Measurement<int>> Each(Func<Service, int> value) =>
        _services().Select(s => new Measurement<int>(value(s), new KeyValuePair<string, object?>("service", s.Name)));

    private IEnumerable<Measurement<double>> Timeouts() =>
        from service in _services()
        from times in service.Guard.Times
        where times.Value.Timeout < TimeSpan.MaxValue
        select new Measurement<double>(times.Value.Timeout.TotalSeconds, new("service", service.Name), new("operation", times.Key));

    private IEnumerable<Measurement<int>> Breakers()
    {
        var now = _time.GetTimestamp();
        return from service in _services()
               from breaker in BreakersOf(service)
               select new Measurement<int>(breaker.Breaker.Status(now).State == BreakerState.Closed ? 0 : 1, new("service", service.Name), new("instance", breaker.Instance));
    }

    private IEnumerable<Measurement<int>> Instances()
    {
        var now = _time.GetTimestamp();
        return from service in _services()
               from state in service.Members.GroupBy(m => service.StatusOf(m, now).Word)
               select new Measurement<int>(state.Count(), new("service", service.Name), new("state", state.Key));
    }

    private static IEnumerable<(string Instance, Breaker Breaker)> BreakersOf(Service service) =>
        service.Guard.SharesBreaker ? [("", service.Guard.Shared)] : service.Instances.Select(i => (i.Id, i.Breaker));
}
