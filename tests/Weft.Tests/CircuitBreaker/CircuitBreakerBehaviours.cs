using Weft.Tests.Behaviours;

namespace Weft.Tests.CircuitBreaker;

/// <summary>What a breaker should do, run against ours and against Polly's own; docs/patterns/circuit-breaker.md has the table.</summary>
public sealed class CircuitBreakerBehaviours
{
    [Fact]
    public Task Ours_does_all_and_the_page_says_what_the_others_do() => BehaviourTable.AssertAsync(
        "docs/patterns/circuit-breaker.md",
        "circuit-breaker",
        "Polly 8.9.1",
        [.. OpeningBehaviours.All, .. ProbeBehaviours.All, .. TimeBehaviours.All, .. OperationBehaviours.All],
        () => (BehaviourRig)new WeftRig(),
        () => new PollyRig());

    [Fact]
    public void The_peer_is_the_version_that_the_page_names() =>
        Assert.Equal(new Version(8, 9, 1), Version.Parse(System.Diagnostics.FileVersionInfo.GetVersionInfo(typeof(Polly.ResiliencePipeline).Assembly.Location).ProductVersion!.Split('+')[0]));
}
