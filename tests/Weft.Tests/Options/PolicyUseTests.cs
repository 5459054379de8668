using Weft.Diagnostics;
using Weft.Options;

namespace Weft.Tests.Options;

/// <summary>Warnings about policies that do not do what they say where they are used.</summary>
public sealed class PolicyUseTests
{
    [Fact]
    public void A_hedge_needs_two_instances()
    {
        var policy = new PolicyOptions { Hedge = new() };
        var problem = Assert.Single(Problems(policy, 1));
        Assert.Equal((ProblemCodes.HedgeAlone, "services.orders.policy"), (problem.Code, problem.Path));
        Assert.Empty(Problems(policy, 2));
    }

    [Theory]
    [InlineData(2, null, null, "policies.mine.deadline is 2s, and an attempt may take 5s (timeout.initial, until enough is known): one that hangs uses up the deadline and is not repeated. Write timeout: { initial: 1s, max: 1s }, or raise deadline.")]
    [InlineData(2, 2.0, null, "policies.mine.deadline is 2s, and an attempt may take 2s (timeout): one that hangs uses up the deadline and is not repeated. Write timeout: 1s, or raise deadline.")]
    [InlineData(2, 1.0, null, null)]
    [InlineData(2, -0.001, null, null)]
    [InlineData(2, null, 0, null)]
    [InlineData(10, null, null, null)]
    public void An_attempt_leaves_time_for_a_repeat(double deadline, double? attempt, int? repeats, string? message)
    {
        var policy = new PolicyOptions { Deadline = new() { Total = TimeSpan.FromSeconds(deadline) }, Timeout = new() { Fixed = attempt is { } s ? TimeSpan.FromSeconds(s) : null }, Retry = new() { Max = repeats ?? 2 } };
        Assert.Equal(message, Problems(policy, 2).SingleOrDefault()?.Message);
    }

    [Fact]
    public void A_fallback_is_another_service()
    {
        var problem = Assert.Single(Problems(new() { Fallback = [new() { Service = "orders" }] }, 2));
        Assert.Equal((ProblemCodes.FallbackToItself, "services.orders.policy"), (problem.Code, problem.Path));
    }

    [Fact]
    public void A_policy_that_nobody_uses_and_a_service_that_is_off_are_left_alone()
    {
        var policy = new PolicyOptions { Hedge = new(), Deadline = new() { Total = TimeSpan.FromSeconds(2) } };
        Assert.Empty(OptionsValidator.Validate(new WeftOptions { Policies = [new("mine", policy)] }));
        Assert.Empty(Problems(policy, 1, isOn: false));
    }

    private static IReadOnlyList<OptionsProblem> Problems(PolicyOptions policy, int instances, bool isOn = true)
    {
        var problems = OptionsValidator.Validate(new WeftOptions
        {
            Policies = [new("mine", policy)],
            Services = [new("orders", new() { Enabled = isOn, Policy = "mine", Endpoints = [.. Enumerable.Range(1, instances).Select(i => new EndpointOptions { Url = $"http://orders:{i}" })] })],
        });
        Assert.All(problems, problem => Assert.Equal(ProblemSeverity.Warning, problem.Severity));
        return problems;
    }
}
