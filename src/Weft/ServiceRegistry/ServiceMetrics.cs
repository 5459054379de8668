using System.Diagnostics.Metrics;
using Weft.CircuitBreaker;
using Weft.Diagnostics;

namespace Weft.ServiceRegistry;

/// <summary>Shows how services stand: what runs, what may run, how long attempts may take, and which breakers are open. Read when somebody asks.</summary>
internal sealed class ServiceMetrics : IDisposable
{
    private readonly Func<IEnumerable<Service>> _services;
    private readonly TimeProvider _time;
    private readonly Meter _meter = new(WeftMeter.Name);

    /// <param name="services">The services as they are now.</param>
    /// <param name="time">Their clock.</param>
    public ServiceMetrics(Func<IEnumerable<Service>> services, TimeProvider time)
    {
        (_services, _time) = (services, time);
        _meter.CreateObservableGauge("weft.call.running", () => Each(s => s.Guard.Bulkhead.Running), "{call}", "Calls that run, by service.");
        _meter.CreateObservableGauge("weft.call.queued", () => Each(s => s.Guard.Bulkhead.Queued), "{call}", "Calls that wait for a place, by service.");
        _meter.CreateObservableGauge("weft.call.limit", () => Each(s => s.Guard.Bulkhead.Limit).Where(m => m.Value < int.MaxValue), "{call}", "Calls that may run at once, by service; none where there is no limit.");
        _meter.CreateObservableGauge("weft.call.timeout", Timeouts, "s", "How long an attempt may take now, by service and operation.");
        _meter.CreateObservableGauge("weft.breaker.open", Breakers, "{breaker}", "1 while a breaker lets no usual call pass, by service and instance.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

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

    private static IEnumerable<(string Instance, Breaker Breaker)> BreakersOf(Service service) =>
        service.Guard.SharesBreaker ? [("", service.Guard.Shared)] : service.Instances.Select(i => (i.Id, i.Breaker));
}
