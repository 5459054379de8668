using System.Net;
using System.Runtime.CompilerServices;
using Weft.AspNetCore.ApiGateway;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway;

/// <summary>What is left of a revision after the next one.</summary>
public sealed class ReloadTests
{
    private const int Routes = 1000, Revisions = 12;

    [Fact]
    public async Task Nothing_is_kept_of_revisions_that_are_over()
    {
        await using var upstream = await Upstream.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await GatewayHost.StartAsync(Options(0, upstream.Address));
        var revisions = new List<WeakReference<GatewayRoute>>();
        for (var revision = 1; revision <= Revisions; revision++)
        {
            revisions.Add(First(gateway));
            await gateway.ApplyAsync(Options(revision, upstream.Address));
            using var response = await gateway.Client.GetAsync($"/r{revision}/x");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        // A connection may hold the route of its last request.
        await Eventually.HoldsAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return revisions.Count(r => r.TryGetTarget(out _)) <= 1;
        });
    }

    // In a method of its own, so that no local of the test keeps it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<GatewayRoute> First(GatewayHost gateway) => new(gateway.Gateway.Routes[0]);

    private static WeftOptions Options(int revision, Uri upstream)
    {
        var options = GatewayHost.Forward(new(), upstream);
        return options with
        {
            Routes = OptionsMap.Create<RouteOptions>([.. Enumerable.Range(0, Routes).Select(i => KeyValuePair.Create($"r{i}", new RouteOptions
            {
                Match = new() { Path = $"/r{i}/{{**rest}}", Methods = revision % 2 == 0 ? ["GET", "PUT"] : ["GET"] },
                Forward = new() { Service = "up" },
            }))]),
        };
    }
}
