using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Tests.ServiceRegistry;

public sealed class ServiceListTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void An_instance_that_stays_is_the_same_and_one_that_left_gets_nothing()
    {
        var service = Service("http://a:1", "http://b:1");
        var (a, b) = (service.Instances[0], service.Instances[1]);
        service.Replace([Spec("http://c:1"), Spec("http://b:1", weight: 3, zone: "z"), Spec("http://b:1")]);
        Assert.Same(b, service.Instances[1]);
        Assert.Equal((3, "z", 2), (service.Members[1].Spec.Weight, service.Members[1].Spec.Zone, service.Instances.Count));
        Assert.DoesNotContain(a, Chosen(service, 100));
    }

    [Fact]
    public void One_that_drains_gets_no_new_calls_and_a_call_that_tried_it_knows_it_when_it_is_back()
    {
        var service = Service("http://a:1", "http://b:1");
        var tried = default(InstanceSet);
        Assert.True(service.TryChoose(ref tried, _time.GetTimestamp(), out var first));
        var (gone, other) = first.Instance == service.Instances[0] ? ("http://a:1", "http://b:1") : ("http://b:1", "http://a:1");
        service.Replace([Spec(gone, isDraining: true), Spec(other)]);
        Assert.DoesNotContain(first.Instance, Chosen(service, 100));
        service.Replace([Spec("http://new:1", isDraining: true), Spec(other), Spec(gone)]);
        Assert.True(service.TryChoose(ref tried, _time.GetTimestamp(), out var second, onlyUntried: true));
        Assert.NotSame(first.Instance, second.Instance);
        Assert.False(service.HasUntried(tried, _time.GetTimestamp()));
    }

    [Fact]
    public void Where_all_drain_nothing_is_chosen()
    {
        var service = Service("http://a:1", "http://b:1");
        service.Replace([Spec("http://a:1", isDraining: true), Spec("http://b:1", isDraining: true)]);
        Assert.Empty(Chosen(service, 1));
        Assert.False(service.HasCandidate(_time.GetTimestamp()));
    }

    [Fact]
    public void A_set_of_more_than_four_knows_all_of_them()
    {
        var service = Service([.. Enumerable.Range(1, 12).Select(i => $"http://a:{i}")]);
        var tried = default(InstanceSet);
        Assert.True(tried.IsEmpty);
        for (var i = 0; i < 12; i++)
        {
            Assert.True(service.TryChoose(ref tried, _time.GetTimestamp(), out _, onlyUntried: true));
            Assert.Equal(i + 1, service.Instances.Count(instance => tried.Contains(instance)));
        }
        Assert.False(service.TryChoose(ref tried, _time.GetTimestamp(), out _, onlyUntried: true));
    }

    private List<Instance> Chosen(Service service, int times)
    {
        var chosen = new List<Instance>();
        for (var i = 0; i < times; i++)
        {
            var tried = default(InstanceSet);
            if (service.TryChoose(ref tried, _time.GetTimestamp(), out var choice))
                chosen.Add(choice.Instance);
        }
        return chosen;
    }

    private static InstanceSpec Spec(string url, double weight = 1, string? zone = null, bool isDraining = false) => new(new Uri(url), weight, zone, isDraining);

    private Service Service(params string[] urls) =>
        new("up", new() { Endpoints = [.. urls.Select(u => new EndpointOptions { Url = u })] }, new(), [], _time, new Random(1), NullLogger.Instance);
}
