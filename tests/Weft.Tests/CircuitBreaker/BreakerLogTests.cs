using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Weft.CircuitBreaker;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Tests.CircuitBreaker;

/// <summary>What people read about breakers.</summary>
public sealed class BreakerLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Lines _lines = new();

    [Fact]
    public void A_breaker_that_is_forced_says_so_and_names_no_time()
    {
        var breaker = Breaker(new(_lines, "orders", "10.0.0.4:8080"));
        breaker.Force(CircuitBreakerMode.ForcedOpen);
        breaker.Force(CircuitBreakerMode.ForcedClosed);
        Assert.Equal(
            [
                "7005 orders 10.0.0.4:8080: the circuit breaker is forced open by an operator or the file; nothing is sent there until it is auto again.",
                "7005 orders 10.0.0.4:8080: the circuit breaker is forced closed by an operator or the file; everything is sent there until it is auto again.",
            ], _lines.All);
    }

    [Fact]
    public void A_breaker_that_is_given_back_says_what_it_is_by_itself()
    {
        var breaker = Breaker(new(_lines, "orders", "10.0.0.4:8080"));
        breaker.Force(CircuitBreakerMode.ForcedOpen);
        breaker.Force(null);
        Assert.Equal("7002 orders 10.0.0.4:8080: the circuit breaker is closed again (nothing forces it any more).", _lines.All[^1]);
    }

    [Fact]
    public void Nothing_is_said_of_the_breaker_of_a_service_whose_instances_have_their_own()
    {
        Breaker(new(_lines, "orders", null, () => false)).Force(CircuitBreakerMode.ForcedOpen);
        Assert.Empty(_lines.All);
        Breaker(new(_lines, "orders", null, () => true)).Force(CircuitBreakerMode.ForcedOpen);
        Assert.StartsWith("7005 orders: ", Assert.Single(_lines.All), StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_that_is_called_by_its_address_is_named_once()
    {
        Breaker(new(_lines, "http://orders:8080", "orders:8080")).Force(CircuitBreakerMode.ForcedOpen);
        Assert.StartsWith("7005 http://orders:8080: ", Assert.Single(_lines.All), StringComparison.Ordinal);
    }

    private Breaker Breaker(BreakerLog log) => new(new(), _time, new Random(1), log);

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add($"{eventId.Id} {formatter(state, exception)}");
    }
}
