using Microsoft.Extensions.Time.Testing;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway;

public sealed class VersionTests
{
    [Fact]
    public async Task A_version_says_that_it_is_deprecated_and_when_it_ends_and_then_it_ends()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        var version = new VersionOptions { Is = "1", Deprecated = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Sunset = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), Link = "https://example.com/versions" };
        await using var gateway = await GatewayHost.StartAsync(Stubbed(new() { Version = version }), time);
        for (int i = 0; i < 2; i++)
        {
            using var answer = await gateway.Client.GetAsync("/x");
            Assert.Equal("@1767225600", Assert.Single(answer.Headers.GetValues("Deprecation")));
            Assert.Equal("Fri, 01 Jan 2027 00:00:00 GMT", Assert.Single(answer.Headers.GetValues("Sunset")));
            Assert.Equal(["<https://example.com/versions>; rel=\"deprecation\"", "<https://example.com/versions>; rel=\"sunset\""], answer.Headers.GetValues("Link"));
            if (i == 0)
                Assert.Equal("ok", await answer.Content.ReadAsStringAsync());
            else
                await ForwardFailureTests.ProblemAsync(answer, 410, "version-ended");
            time.Advance(TimeSpan.FromDays(300));
        }
    }

    internal static WeftOptions Stubbed(RouteOptions route, StubOptions? stub = null) => new()
    {
        Defaults = new() { Auth = "none" },
        Services = [KeyValuePair.Create("s", new ServiceOptions { Stub = [KeyValuePair.Create("* /{**any}", stub ?? new() { Body = "'ok'" })] })],
        Routes = [KeyValuePair.Create("r", route with { Match = new() { Path = "/{**any}", Methods = route.Match.Methods }, Forward = new() { Service = "s" } })],
    };
}
