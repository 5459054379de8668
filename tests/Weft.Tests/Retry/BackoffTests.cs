using CsCheck;
using Weft.Retry;

namespace Weft.Tests.Retry;

public sealed class BackoffTests
{
    private static readonly TimeSpan s_base = TimeSpan.FromMilliseconds(50), s_cap = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(1, 50)]
    [InlineData(2, 100)]
    [InlineData(3, 200)]
    [InlineData(6, 1600)]
    [InlineData(7, 2000)]
    [InlineData(63, 2000)]
    [InlineData(int.MaxValue, 2000)]
    public void Spans_double_up_to_the_cap(int n, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), new Backoff(s_base, s_cap, new Random(1)).Span(n));

    [Fact]
    public void A_wait_lies_within_its_span_whatever_base_and_cap_are() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Int[1, int.MaxValue], Gen.Int).Sample((a, b, n, seed) =>
        {
            var (@base, cap) = (Math.Min(a, b), Math.Max(a, b));
            var backoff = new Backoff(TimeSpan.FromTicks(@base), TimeSpan.FromTicks(cap), new Random(seed));
            var exact = (decimal)@base * (decimal)Math.Pow(2, Math.Min(n - 1, 33));
            var span = n <= 34 ? (long)Math.Min(exact, cap) : backoff.Span(n).Ticks;
            var wait = backoff.Wait(n).Ticks;
            return backoff.Span(n).Ticks == span && span <= cap && span >= @base && wait >= 0 && wait <= span;
        });

    [Fact]
    public void Waits_are_spread_evenly_over_the_span()
    {
        var backoff = new Backoff(s_base, s_cap, new Random(7));
        var tenths = new int[10];
        for (var i = 0; i < 100_000; i++)
            tenths[Math.Min(9, (int)(backoff.Wait(3) / TimeSpan.FromMilliseconds(20)))]++;
        Assert.All(tenths, count => Assert.InRange(count, 9_600, 10_400));
    }

    [Fact]
    public void The_same_seed_gives_the_same_waits()
    {
        TimeSpan[] Waits(int seed)
        {
            var backoff = new Backoff(s_base, s_cap, new Random(seed));
            return [.. Enumerable.Range(1, 10).Select(backoff.Wait)];
        }
        Assert.Equal(Waits(3), Waits(3));
        Assert.NotEqual(Waits(3), Waits(4));
    }

    [Fact]
    public void Without_a_base_nothing_is_waited() => Assert.Equal(TimeSpan.Zero, new Backoff(TimeSpan.Zero, s_cap, new Random(1)).Wait(9));
}
