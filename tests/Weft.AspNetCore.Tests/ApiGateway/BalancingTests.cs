using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.AspNetCore.Tests.ApiGateway;

/// <summary>Which instance a request goes to, over sockets.</summary>
public sealed class BalancingTests
{
    private static readonly ServiceOptions s_byUser = new() { Balance = new() { ConsistentHash = "headers['x-user']" } };

    [Fact]
    public async Task Requests_of_one_user_go_to_one_instance_and_stay_there_when_another_leaves()
    {
        await using var ring = await InstancesAsync(4);
        await using var gateway = await GatewayHost.StartAsync(With(ring, s_byUser));
        var places = new Dictionary<string, string>();
        for (var round = 0; round < 3; round++)
        {
            for (var user = 0; user < 20; user++)
            {
                var answer = await AskAsync(gateway, $"u{user}");
                Assert.Equal(answer, places.TryGetValue($"u{user}", out var known) ? known : places[$"u{user}"] = answer);
            }
        }
        Assert.True(places.Values.Distinct().Count() > 1);

        gateway.Services.Current.Find("up")!.Replace(gateway.Services.Current.Find("up")!.Members.Skip(1).Select(m => m.Spec));
        foreach (var (user, place) in places.Where(p => p.Value != "0"))
            Assert.Equal(place, await AskAsync(gateway, user));
    }

    [Fact]
    public async Task Without_a_value_requests_are_spread()
    {
        await using var ring = await InstancesAsync(3);
        await using var gateway = await GatewayHost.StartAsync(With(ring, s_byUser));
        var answers = new ConcurrentBag<string>();
        for (var i = 0; i < 60; i++)
            answers.Add(await AskAsync(gateway, null));
        Assert.Equal(3, answers.Distinct().Count());
    }

    [Fact]
    public async Task A_request_under_way_finishes_on_an_instance_that_leaves_and_new_ones_go_elsewhere()
    {
        var held = new TaskCompletionSource();
        await using var leaving = await Upstream.StartAsync(async context =>
        {
            await held.Task;
            await context.Response.WriteAsync("old");
        });
        await using var other = await Upstream.StartAsync(context => context.Response.WriteAsync("new"));
        await using var gateway = await GatewayHost.ForwardAsync(leaving.Address);
        var service = gateway.Services.Current.Find("up")!;
        var running = gateway.Client.GetStringAsync("/x");
        await Eventually.HoldsAsync(() => service.Instances[0].InFlight == 1);
        service.Replace([new InstanceSpec(other.Address), new InstanceSpec(leaving.Address, IsDraining: true)]);
        for (var i = 0; i < 5; i++)
            Assert.Equal("new", await gateway.Client.GetStringAsync("/x"));
        service.Replace([new InstanceSpec(other.Address)]);
        held.SetResult();
        Assert.Equal("old", await running);
    }

    private static async Task<string> AskAsync(GatewayHost gateway, string? user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/x");
        if (user is not null)
            request.Headers.Add("x-user", user);
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private static WeftOptions With(Instances instances, ServiceOptions service)
    {
        var options = GatewayHost.Forward(new RouteOptions(), [.. instances.All.Select(i => i.Address)]);
        return options with { Services = options.Services.With("up", service with { Endpoints = options.Services["up"].Endpoints }) };
    }

    private static async Task<Instances> InstancesAsync(int count)
    {
        var all = new List<Upstream>();
        for (var i = 0; i < count; i++)
        {
            var name = $"{i}";
            all.Add(await Upstream.StartAsync(context => context.Response.WriteAsync(name)));
        }
        return new(all);
    }

    private sealed record Instances(List<Upstream> All) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var instance in All)
                await instance.DisposeAsync();
        }
    }
}
