using Weft.Options;

namespace Weft.AspNetCore.Tests.Endpoints;

/// <summary>What an operator sees and does of services.</summary>
public sealed class ServiceAdminTests
{
    [Fact]
    public async Task Breakers_are_forced_and_given_back_and_the_answer_says_whose()
    {
        await using var rig = await StartAsync(CircuitBreakerScope.Instance);
        var (status, all) = await rig.PostAsync("/api/services/orders/breaker", """{"mode":"forcedOpen"}""");
        Assert.Equal((200, """{"service":"orders","mode":"forcedOpen"}"""), (status, all.GetRawText()));
        var (_, services) = await rig.GetAsync("/api/services");
        Assert.All(services[0].GetProperty("instances").EnumerateArray(), instance =>
        {
            Assert.Equal("forcedOpen", instance.GetProperty("breaker").GetProperty("mode").GetString());
            Assert.False(instance.GetProperty("breaker").TryGetProperty("retryAfter", out _), "It is not tried again by itself.");
        });
        Assert.False(services[0].GetProperty("ignoresBreakers").GetBoolean());

        var (_, one) = await rig.PostAsync("/api/services/orders/breaker", """{"mode":"auto","instance":"orders:1"}""");
        Assert.Equal("""{"service":"orders","instance":"orders:1","mode":"auto"}""", one.GetRawText());
        Assert.EndsWith("breaker of orders orders:1: auto", rig.Audit[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instances_are_shown_with_their_state_weight_and_zone_and_why()
    {
        await using var rig = await StartAsync(CircuitBreakerScope.Instance);
        await rig.PostAsync("/api/services/orders/breaker", """{"mode":"forcedOpen","instance":"orders:2"}""");
        var (_, services) = await rig.GetAsync("/api/services");
        Assert.Equal(("powerOfTwo", false), (services[0].GetProperty("balance").GetString(), services[0].GetProperty("ignoresHealth").GetBoolean()));
        var instances = services[0].GetProperty("instances").EnumerateArray().ToArray();
        Assert.Equal(("ready", 1.0, false), (instances[0].GetProperty("state").GetString(), instances[0].GetProperty("weight").GetDouble(), instances[0].TryGetProperty("why", out _)));
        Assert.Equal(("open", "its breaker is forced open", 3.0, "eu-a"),
            (instances[1].GetProperty("state").GetString(), instances[1].GetProperty("why").GetString(), instances[1].GetProperty("weight").GetDouble(), instances[1].GetProperty("zone").GetString()));
    }

    [Theory]
    [InlineData(CircuitBreakerScope.Instance, """{"mode":"open"}""", 400, "'mode' is 'open'; allowed auto, observe, forcedOpen or forcedClosed.")]
    [InlineData(CircuitBreakerScope.Instance, """{"mode":"auto","instance":"orders:9"}""", 404, "Service 'orders' has no instance 'orders:9'. It has: orders:1, orders:2.")]
    [InlineData(CircuitBreakerScope.Service, """{"mode":"auto","instance":"orders:1"}""", 400, "The instances of 'orders' share one breaker (scope: service). Leave 'instance' out.")]
    public async Task What_cannot_be_done_is_said(CircuitBreakerScope scope, string body, int status, string detail)
    {
        await using var rig = await StartAsync(scope);
        var (answered, problem) = await rig.PostAsync("/api/services/orders/breaker", body);
        Assert.Equal((status, detail), (answered, problem.GetProperty("detail").GetString()));
    }

    private static Task<AdminRig> StartAsync(CircuitBreakerScope scope) => AdminRig.StartAsync(more: weft => weft
        .Configure(options => options with { Policies = [new("standard", new() { Breaker = new() { Scope = scope } })] })
        .Service("orders", new() { Endpoints = [new() { Url = "http://orders:1" }, new() { Url = "http://orders:2", Weight = 3, Zone = "eu-a" }] }));
}
