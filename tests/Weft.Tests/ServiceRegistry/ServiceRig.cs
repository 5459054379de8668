using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Weft.CircuitBreaker;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Tests.ServiceRegistry;

/// <summary>A service on virtual time, without a network.</summary>
internal sealed class ServiceRig : ILogger
{
    private readonly ConcurrentQueue<string> _told = [];

    public ServiceRig(int instances, BalanceOptions? balance = null, OutlierOptions? outlier = null, ActiveHealthOptions? active = null, PolicyOptions? policy = null) =>
        Service = Make(new()
        {
            Endpoints = [.. Enumerable.Range(0, instances).Select(i => new EndpointOptions { Url = $"http://i{i}:80" })],
            Balance = balance ?? new() { Algorithm = BalanceAlgorithm.RoundRobin },
            Health = new() { Outlier = outlier, Active = active },
        }, policy);

    public FakeTimeProvider Time { get; } = new();

    public Service Service { get; private set; }

    public long Now => Time.GetTimestamp();

    /// <summary>The codes that were logged, each with the instance or service it is about.</summary>
    public IEnumerable<string> Told => _told;

    public Instance this[int number] => Service.Instances[number];

    public string StateOf(int number) => Service.StatusOf(Service.Members[number], Now).Word;

    /// <summary>Goes on with other options, as after a reload.</summary>
    public void Reload(Func<ServiceOptions, ServiceOptions> change)
    {
        Service = Make(change(Service.Options), Service.Policy);
        Service.Adopt();
    }

    /// <summary>Calls an instance.</summary>
    public void Call(int number, Verdict verdict, int times = 1)
    {
        for (var i = 0; i < times; i++)
            Service.Learn(this[number], verdict, Now, Now);
    }

    public void Fail(int number, int times = 1) => Call(number, Verdict.Failure, times);

    public void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>How often each instance is chosen, one call after the other.</summary>
    public int[] Count(int times)
    {
        var counts = new int[Service.Instances.Count];
        for (var i = 0; i < times; i++)
        {
            var tried = default(InstanceSet);
            if (Service.TryChoose(ref tried, Now, out var choice))
                counts[Service.Instances.ToList().IndexOf(choice.Instance)]++;
        }
        return counts;
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _told.Enqueue($"{eventId.Id} {formatter(state, exception).Split(':')[0]}");

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    private Service Make(ServiceOptions options, PolicyOptions? policy) => new("up", options, policy ?? new() { Breaker = new() { Mode = CircuitBreakerMode.ForcedClosed } }, [], Time, new Random(1), this, Service);
}
