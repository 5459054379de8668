using Weft.Tests.Behaviours;

namespace Weft.Tests.Timeouts;

/// <summary>What timeouts and deadlines should do, run against ours and against Polly's own; docs/patterns/timeouts.md has the table.</summary>
public sealed class TimeoutBehaviours
{
    [Fact]
    public Task Ours_does_all_and_the_page_says_what_the_others_do() => BehaviourTable.AssertAsync(
        "docs/patterns/timeouts.md",
        "timeouts",
        "Polly 8.9.1",
        [.. AttemptBehaviours.All, .. DeadlineBehaviours.All],
        () => (TimeoutRig)new WeftTimeoutRig(),
        () => new PollyTimeoutRig());
}
