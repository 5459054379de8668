using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Weft.Options;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

/// <summary>
/// A service whose attempts take 20 ms in the middle (lognormal, σ 0.5) becomes three times as slow for three minutes and then fast again. Attempts are cut by the adaptive
/// timeout with its default options but for the factor; the clock is virtual and chance is seeded, so the figures are the same everywhere.
/// </summary>
public sealed class AdaptiveTimeoutExperimentTests
{
    private const int PerSecond = 100;
    private static readonly (string Name, int Seconds, double Slow)[] s_phases = [("start", 60, 1), ("steady", 300, 1), ("3x slower", 180, 3), ("back", 180, 1)];

    [Theory]
    [InlineData(2.0, 0.001)]
    [InlineData(1.5, 0.005)]
    [InlineData(1.0, 0.05)]
    public void Cuts_few_healthy_attempts_and_recovers_from_a_slowdown(double factor, double most)
    {
        var rows = Run(factor, seed: 4);
        TestContext.Current.TestOutputHelper?.WriteLine(Table(factor, rows));
        var (steady, slow, back) = (rows[1], rows[2], rows[3]);
        Assert.True(steady.Cut < most, $"{steady.Cut:P3}");
        Assert.True(slow.CutInLastMinute < most, $"{slow.CutInLastMinute:P3}");
        Assert.True(back.Cut < most, $"{back.Cut:P3}");
        if (factor < 2)
            return;
        Assert.InRange(slow.Recovered, 0, 30);
        Assert.InRange(back.AtEnd, 0.9 * steady.AtEnd, 1.25 * steady.AtEnd);
    }

    private static List<Row> Run(double factor, int seed)
    {
        var (time, chance, rows) = (new FakeTimeProvider(), new Random(seed), new List<Row>());
        var timeout = new AdaptiveTimeout(new AttemptTimeoutOptions { Factor = factor }, time);
        foreach (var (name, seconds, slow) in s_phases)
        {
            var (cut, cutInLastMinute, recovered) = (0, 0, 0);
            for (var second = 0; second < seconds; second++)
            {
                var cutNow = 0;
                for (var i = 0; i < PerSecond; i++)
                    cutNow += Attempt(slow) ? 1 : 0;
                cut += cutNow;
                cutInLastMinute += second >= seconds - 60 ? cutNow : 0;
                recovered = cutNow >= PerSecond * 0.02 ? second + 1 : recovered;
            }
            rows.Add(new(name, (double)cut / (seconds * PerSecond), cutInLastMinute / (60.0 * PerSecond), recovered, timeout.Current.TotalMilliseconds));
        }
        return rows;

        bool Attempt(double slow)
        {
            time.Advance(TimeSpan.FromSeconds(1.0 / PerSecond));
            var normal = Math.Sqrt(-2 * Math.Log(1 - chance.NextDouble())) * Math.Cos(2 * Math.PI * chance.NextDouble());
            var (now, took) = (time.GetTimestamp(), TimeSpan.FromMilliseconds(20 * slow * Math.Exp(0.5 * normal)));
            if (took <= timeout.Current)
            {
                timeout.Record(now - took.Ticks, now);
                return false;
            }
            timeout.RecordCensored(now);
            return true;
        }
    }

    private static string Table(double factor, List<Row> rows)
    {
        var table = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"factor {factor:0.0}    cut      cut, last minute   seconds until < 2 %   timeout at the end\n"));
        foreach (var row in rows)
            table.Append(CultureInfo.InvariantCulture, $"{row.Phase,-10} {row.Cut,7:0.000 %} {row.CutInLastMinute,14:0.000 %} {row.Recovered,17} {row.AtEnd,21:0} ms\n");
        return table.ToString();
    }

    private sealed record Row(string Phase, double Cut, double CutInLastMinute, int Recovered, double AtEnd);
}
