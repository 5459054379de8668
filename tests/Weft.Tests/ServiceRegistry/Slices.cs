using Microsoft.Extensions.Time.Testing;
using Weft.CircuitBreaker;
using Weft.ServiceRegistry;
using Weft.ServiceRegistry.Balancing;

namespace Weft.Tests.ServiceRegistry;

/// <summary>Instances to balance over, without a service around them.</summary>
internal static class Slices
{
    public static readonly FakeTimeProvider Time = new();

    public static long Now => Time.GetTimestamp();

    public static Instance Instance(int number) => new($"i{number}:80", new Uri($"http://i{number}:80"), new Breaker(new(), Time), Time);

    public static Slice Of(params double[] weights) => new([.. weights.Select((_, i) => Instance(i))], weights);

    /// <summary>The same without one place.</summary>
    public static Slice Without(this Slice slice, int place) =>
        new([.. slice.Instances.Where((_, i) => i != place)], [.. slice.Weights.Where((_, i) => i != place)]);

    /// <summary>How often each is chosen, one after the other.</summary>
    public static int[] Count(this Slice slice, Balancer balancer, int times, Func<int, ulong?>? key = null)
    {
        var counts = new int[slice.Instances.Length];
        for (var i = 0; i < times; i++)
            counts[Array.IndexOf(slice.Instances, balancer.Choose(slice, default, key?.Invoke(i), Now))]++;
        return counts;
    }
}
