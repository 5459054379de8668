using Weft.Tests.Behaviours;

namespace Weft.Tests.Retry;

/// <summary>What a retry should do, run against ours and against Polly's own; docs/patterns/retry.md has the table.</summary>
public sealed class RetryBehaviours
{
    [Fact]
    public Task Ours_does_all_and_the_page_says_what_the_others_do() => BehaviourTable.AssertAsync(
        "docs/patterns/retry.md",
        "retry",
        "Polly 8.9.1",
        [.. RepeatBehaviours.All, .. WaitBehaviours.All, .. BudgetBehaviours.All],
        () => (RetryRig)new WeftRetryRig(),
        () => new PollyRetryRig());
}
