using System.Text.RegularExpressions;
using Weft.ServiceRegistry;
using Weft.Tests.Calls;
using Weft.Tests.Repository;

namespace Weft.Tests.ServiceRegistry;

/// <summary>What the page of load balancing says can be measured is, under the labels that it says.</summary>
public sealed partial class HealthMetricsTests
{
    [Fact]
    public void The_page_lists_each_instrument_with_its_labels_and_no_other()
    {
        using var readings = new MeterReadings();
        var rig = new ServiceRig(4, outlier: new() { Consecutive5xx = 1, MaxEjected = 1, Eject = TimeSpan.FromSeconds(10) });
        using var metrics = new ServiceMetrics(() => [rig.Service], rig.Time);
        foreach (var number in new[] { 0, 1, 2 })
            rig.Fail(number);
        rig.Count(1);
        readings.Read();
        var seen = readings.Of("up").Select(r => r.ToString()).ToArray();
        Assert.Contains("weft.service.instances 3 service=up state=ejected", seen);
        Assert.Contains("weft.service.instances 1 service=up state=ready", seen);
        Assert.Contains("weft.service.panic 1 service=up", seen);
        Assert.Contains("weft.instance.ejections 1 instance=i2 service=up", seen);

        var onPage = Row().Matches(Repo.Read("docs/patterns/load-balancing.md")).Select(row => row.Groups[1].Value);
        Assert.Equal(readings.Published.Where(n => n.StartsWith("weft.service.", StringComparison.Ordinal) || n.StartsWith("weft.instance.", StringComparison.Ordinal)).Order(StringComparer.Ordinal), onPage.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"(?m)^\| `(weft\.[a-z_.]+)` \|")]
    private static partial Regex Row();
}
