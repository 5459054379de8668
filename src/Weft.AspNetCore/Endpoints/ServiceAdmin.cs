using Weft.CircuitBreaker;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Services as an operator sees them, and what he can do with their breakers.</summary>
internal sealed class ServiceAdmin(ServiceDirectory services, TimeProvider time)
{
    /// <summary>The services in force, by name.</summary>
    public IReadOnlyList<ServiceView> List()
    {
        var now = time.GetTimestamp();
        return [.. services.Current.All.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => View(s, now))];
    }

    /// <summary>Forces the breakers of a service, or gives them back to their own counting. Holds until the process ends or it is said otherwise.</summary>
    /// <exception cref="AdminException">There is no such service, instance or mode.</exception>
    public void Force(string name, BreakerRequest request)
    {
        if (services.Current.Find(name) is not { } service)
            throw new AdminException(404, $"There is no service '{name}'. In force: {string.Join(", ", services.Current.All.Select(s => s.Name))}.");
        CircuitBreakerMode? mode = request.Mode switch
        {
            "auto" => null,
            "observe" => CircuitBreakerMode.Observe,
            "forcedOpen" => CircuitBreakerMode.ForcedOpen,
            "forcedClosed" => CircuitBreakerMode.ForcedClosed,
            _ => throw new AdminException(400, $"'mode' is '{request.Mode}'; allowed auto, observe, forcedOpen or forcedClosed."),
        };
        var chosen = service.Instances.Where(i => request.Instance is null || i.Id == request.Instance).ToArray();
        if (request.Instance is not null && service.Guard.SharesBreaker)
            throw new AdminException(400, $"The instances of '{name}' share one breaker (scope: service). Leave 'instance' out.");
        if (chosen.Length == 0)
            throw new AdminException(404, $"Service '{name}' has no instance '{request.Instance}'. It has: {string.Join(", ", service.Instances.Select(i => i.Id))}.");
        foreach (var instance in chosen)
            instance.Breaker.Force(mode);
        if (request.Instance is null)
            service.Guard.Shared.Force(mode);
    }

    private static ServiceView View(Service service, long now)
    {
        var guard = service.Guard;
        return new(
            service.Name,
            service.Options.Policy ?? PolicyOptions.StandardName,
            guard.Bulkhead.Running,
            guard.Bulkhead.Queued,
            guard.Bulkhead.Limit == int.MaxValue ? null : guard.Bulkhead.Limit,
            guard.Bulkhead.Rejected,
            Math.Round(guard.Budget.Available(now), 3),
            guard.SharesBreaker ? View(guard.Shared, now) : null,
            [.. service.Members.Select(m => View(service, m, now))],
            [.. guard.Times.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => View(t.Key, t.Value))])
        {
            Repeated = guard.Repeats.Made,
            NotRepeated = guard.Repeats.NotMade().ToDictionary(),
            IgnoresBreakers = service.IgnoresBreakers(now),
            IgnoresHealth = service.At(now).IsPanic,
            Balance = Camel(service.Options.Balance is { ConsistentHash: not null } ? BalanceAlgorithm.ConsistentHash : service.Options.Balance.Algorithm),
        };
    }

    private static InstanceView View(Service service, Member member, long now)
    {
        var (instance, status) = (member.Instance, service.StatusOf(member, now));
        return new(instance.Id, instance.InFlight, instance.Attempts, instance.Failures, service.Guard.SharesBreaker ? null : View(instance.Breaker, now))
        {
            State = status.Word,
            Why = status.Why,
            ReturnsIn = status.ReturnsIn is { } wait ? Seconds(wait) : null,
            Weight = Math.Round(service.WeightOf(member, now), 3),
            Zone = member.Spec.Zone,
            Ejections = instance.Ejection.Count,
        };
    }

    private static BreakerView View(Breaker breaker, long now)
    {
        var status = breaker.Status(now);
        return new(BreakerLog.Word(status.State), Camel(status.Mode), Seconds(status.InState), status.Failures, status.Openings, status.Rejected,
            // What is forced open is not tried again by itself.
            status.State == BreakerState.Closed || status.Mode == CircuitBreakerMode.ForcedOpen ? null : Seconds(status.RetryAfter));
    }

    private static TimeoutView View(string operation, OperationTimes times)
    {
        var snapshot = times.Snapshot;
        return new(operation, snapshot.Current == Timeout.InfiniteTimeSpan ? null : Seconds(snapshot.Current), snapshot.Quantile is { } time ? Seconds(time) : null, snapshot.Samples, Camel(snapshot.Reason));
    }

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 4);

    private static string Camel<T>(T value) where T : struct, Enum => char.ToLowerInvariant(value.ToString()[0]) + value.ToString()[1..];
}
