using Microsoft.Extensions.Logging.Abstractions;
using Weft.CircuitBreaker;
using Weft.Load.Expressions;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Load.Resilience;

/// <summary>Choosing one of several instances, with the leave of its breaker and what is learned from the outcome.</summary>
internal static class Choices
{
    public static string Of(BalanceAlgorithm algorithm, int instances, bool weighted = false) => $"{algorithm}, {instances} instances{(weighted ? " of different weight" : "")}";

    public static IEnumerable<Entrant> All()
    {
        foreach (var instances in new[] { 3, 100 })
        {
            foreach (var algorithm in Enum.GetValues<BalanceAlgorithm>())
                yield return Entrant(algorithm, instances, weighted: false);
            yield return Entrant(BalanceAlgorithm.PowerOfTwo, instances, weighted: true);
            yield return Entrant(BalanceAlgorithm.RoundRobin, instances, weighted: true);
        }
    }

    private static Entrant Entrant(BalanceAlgorithm algorithm, int instances, bool weighted)
    {
        var options = new ServiceOptions
        {
            Endpoints = [.. Enumerable.Range(1, instances).Select(i => new EndpointOptions { Url = $"http://127.0.0.1:{i}", Weight = weighted ? i : 1 })],
            Balance = algorithm == BalanceAlgorithm.ConsistentHash ? new() { ConsistentHash = "request.path" } : new() { Algorithm = algorithm },
            Health = new() { Outlier = new() },
        };
        var service = new Service("up", options, new(), [], TimeProvider.System, new Random(1), NullLogger.Instance);
        var now = TimeProvider.System.GetTimestamp();
        var key = 0UL;
        return new(Of(algorithm, instances, weighted), () =>
        {
            var tried = default(InstanceSet);
            if (!service.TryChoose(ref tried, now, out var choice, key: key++))
                return 0;
            choice.Instance.Begin();
            choice.Breaker?.Exit(choice.Ticket, Verdict.Success, now);
            service.Learn(choice.Instance, Verdict.Success, now - 1000, now);
            choice.Instance.End();
            return 1;
        });
    }
}
