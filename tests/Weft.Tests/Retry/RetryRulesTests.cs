using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weft.Options;
using Weft.Retry;

namespace Weft.Tests.Retry;

public sealed class RetryRulesTests
{
    private static readonly FakeTimeProvider s_time = new();
    private static readonly FailedAttempt s_get = new("GET") { Reason = RetryReason.Of(503) }, s_post = new("POST") { Reason = RetryReason.Of(503) };

    private static RetryDecision Decide(in FailedAttempt attempt, RetryOptions? options = null, double tokens = 100)
    {
        var budget = new RetryBudget(new() { Ratio = 0, Floor = tokens / 10 }, s_time);
        return new RetryRules(options ?? new(), new Random(1)).Decide(attempt, budget, s_time.GetTimestamp());
    }

    private static void AssertRefuses(RetryRefusal refusal, in FailedAttempt attempt, RetryOptions? options = null, double tokens = 100) =>
        Assert.Equal(new RetryDecision(refusal), Decide(attempt, options, tokens));

    [Fact]
    public void The_defaults_repeat_what_is_idempotent_twice()
    {
        Assert.True(Decide(s_get).Repeats);
        Assert.True(Decide(s_get with { Number = 2 }).Repeats);
        AssertRefuses(RetryRefusal.Max, s_get with { Number = 3 });
        AssertRefuses(RetryRefusal.Max, s_get, RetryOptions.Off);
    }

    [Fact]
    public void Only_the_named_reasons_are_repeated()
    {
        Assert.All([RetryReason.Connect, RetryReason.Reset, RetryReason.Timeout, .. Statuses(429, 502, 503, 504)], reason => Assert.True(Decide(s_get with { Reason = reason }).Repeats));
        Assert.All(Statuses(300, 400, 404, 408, 500, 501, 599), reason => AssertRefuses(RetryRefusal.NotRetriable, s_get with { Reason = reason }));
        Assert.All([RetryReason.Of(0), RetryReason.Of(200), RetryReason.Of(600), default, (RetryReason?)null], reason => AssertRefuses(RetryRefusal.NotRetriable, s_get with { Reason = reason }));
        AssertRefuses(RetryRefusal.NotRetriable, s_get with { Reason = RetryReason.Timeout }, new() { On = [RetryReason.Reset] });
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("OPTIONS", true)]
    [InlineData("TRACE", true)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    [InlineData("POST", false)]
    [InlineData("PATCH", false)]
    [InlineData("CONNECT", false)]
    [InlineData("get", false)] // Methods are case-sensitive.
    public void Idempotent_methods_are_repeated(string method, bool repeated) =>
        Assert.Equal(repeated ? RetryRefusal.None : RetryRefusal.Method, Decide(new(method) { Reason = RetryReason.Reset }).Refusal);

    [Fact]
    public void A_key_or_a_word_of_the_owner_makes_a_post_repeatable()
    {
        AssertRefuses(RetryRefusal.Method, s_post);
        Assert.True(Decide(s_post with { HasIdempotencyKey = true }).Repeats);
        Assert.True(Decide(s_post, new() { Unsafe = true }).Repeats);
        AssertRefuses(RetryRefusal.Method, s_post with { HasIdempotencyKey = true }, new() { Methods = ["GET"] });
        AssertRefuses(RetryRefusal.Method, s_post, new() { Methods = ["POST"] });
        AssertRefuses(RetryRefusal.Method, new("PUT") { Reason = RetryReason.Reset }, new() { Methods = ["GET"] });
    }

    [Fact]
    public void A_post_that_reached_nobody_is_repeated()
    {
        Assert.True(Decide(s_post with { Reason = RetryReason.Connect, MayHaveSent = false }).Repeats);
        AssertRefuses(RetryRefusal.NotRetriable, s_post with { Reason = RetryReason.Connect, MayHaveSent = false }, new() { On = [RetryReason.Reset] });
    }

    [Fact]
    public void What_cannot_be_sent_again_is_not()
    {
        AssertRefuses(RetryRefusal.Body, s_get with { BodyIsThere = false });
        AssertRefuses(RetryRefusal.Started, s_get with { ResponseStarted = true });
    }

    [Fact]
    public void A_request_that_is_a_repeat_is_not_repeated_again() => AssertRefuses(RetryRefusal.Marked, s_get with { InboundAttempt = 1 });

    [Fact]
    public void The_deadline_and_the_service_bound_the_wait()
    {
        AssertRefuses(RetryRefusal.Deadline, s_get with { Remaining = TimeSpan.FromMilliseconds(10), Least = TimeSpan.FromMilliseconds(11) });
        AssertRefuses(RetryRefusal.RetryAfter, s_get with { RetryAfter = TimeSpan.FromSeconds(31) });
        AssertRefuses(RetryRefusal.RetryAfter, s_get with { RetryAfter = TimeSpan.FromSeconds(5), Remaining = TimeSpan.FromSeconds(5), Least = TimeSpan.FromMilliseconds(1) });
        Assert.Equal(TimeSpan.FromSeconds(5), Decide(s_get with { RetryAfter = TimeSpan.FromSeconds(5), Remaining = TimeSpan.FromSeconds(6) }).Delay);
    }

    [Fact]
    public void Nothing_is_taken_from_the_budget_unless_all_else_allows_it()
    {
        var budget = new RetryBudget(new() { Ratio = 0, Floor = 0.1 }, s_time);
        var rules = new RetryRules(new(), new Random(1));
        Assert.Equal(RetryRefusal.Method, rules.Decide(s_post, budget, s_time.GetTimestamp()).Refusal);
        Assert.Equal(RetryRefusal.RetryAfter, rules.Decide(s_get with { RetryAfter = TimeSpan.FromMinutes(1) }, budget, s_time.GetTimestamp()).Refusal);
        Assert.True(rules.Decide(s_get, budget, s_time.GetTimestamp()).Repeats);
        Assert.Equal(RetryRefusal.Budget, rules.Decide(s_get, budget, s_time.GetTimestamp()).Refusal);
    }

    [Fact]
    public async Task A_decision_allocates_nothing()
    {
        var budget = new RetryBudget(new() { Ratio = 0, Floor = 1000 }, s_time);
        var rules = new RetryRules(new() { Methods = ["GET", "POST"] }, new Random(1));
        Assert.Equal(0, await Allocations.OfAsync(() => new ValueTask<bool>(rules.Decide(s_get, budget, s_time.GetTimestamp()).Repeats)));
    }

    [Fact]
    public void Every_reason_has_a_word_of_its_own()
    {
        var words = Enum.GetValues<RetryRefusal>().Select(refusal => refusal.Label()).ToList();
        Assert.Equal(words.Count, words.Distinct().Count());
        Assert.True(new RetryDecision(RetryRefusal.Budget).IsSuppressed);
        Assert.False(new RetryDecision(RetryRefusal.NotRetriable).IsSuppressed || new RetryDecision(RetryRefusal.None).IsSuppressed);
    }

    [Fact]
    public void No_decision_ever_breaks_a_promise() => Gen.Select(Options, Attempts, Gen.Int[0, 2], Gen.Int).Sample((options, attempt, tokens, seed) =>
    {
        var budget = new RetryBudget(new() { Ratio = 0, Floor = tokens / 10.0 }, s_time);
        var now = s_time.GetTimestamp();
        var decision = new RetryRules(options, new Random(seed)).Decide(attempt, budget, now);
        Assert.Equal(tokens - (decision.Repeats ? 1 : 0), budget.Available(now));
        if (!decision.Repeats)
        {
            Assert.Equal(TimeSpan.Zero, decision.Delay);
            Assert.True(IsRefusedWithReason(options, attempt, tokens));
            return;
        }
        Assert.True(attempt.Number <= options.Max);
        Assert.Contains(attempt.Reason!.Value, options.On);
        Assert.False(attempt.ResponseStarted || !attempt.BodyIsThere || attempt.InboundAttempt > 0);
        Assert.True(!attempt.MayHaveSent || attempt.HasIdempotencyKey || options.Unsafe || attempt.Method is "GET" or "PUT");
        Assert.True(decision.Delay >= TimeSpan.Zero && decision.Delay >= (attempt.RetryAfter ?? TimeSpan.Zero));
        Assert.True(attempt.RetryAfter is null || attempt.RetryAfter <= TimeSpan.FromSeconds(30));
        Assert.True(attempt.Remaining is null || (attempt.Remaining > TimeSpan.Zero && decision.Delay <= attempt.Remaining - attempt.Least));
    }, iter: 20_000);

    /// <summary>False when a repeat had to be allowed: every rule is met, and by the longest wait that chance could choose too.</summary>
    private static bool IsRefusedWithReason(RetryOptions options, in FailedAttempt attempt, int tokens)
    {
        var wait = attempt.RetryAfter > options.Cap ? attempt.RetryAfter.Value : options.Cap;
        var fits = attempt.Remaining is not { } left || (left > TimeSpan.Zero && wait + attempt.Least + TimeSpan.FromMilliseconds(1) <= left);
        var method = (options.Unsafe || attempt.HasIdempotencyKey || attempt.Method is "GET" or "PUT") && (options.Methods.Count == 0 || options.Methods.Contains(attempt.Method));
        return !(tokens > 0 && fits && attempt.RetryAfter is not { TotalSeconds: > 30 } && attempt is { BodyIsThere: true, ResponseStarted: false, InboundAttempt: 0, Reason: not null }
            && options.On.Contains(attempt.Reason.Value) && attempt.Number <= options.Max && (method || !attempt.MayHaveSent));
    }

    private static Gen<TimeSpan> Times(int most) => Gen.Int[-10, most].Select(ms => TimeSpan.FromMilliseconds(Math.Max(0, ms)));

    private static Gen<RetryOptions> Options { get; } =
        from max in Gen.Int[0, 5]
        from first in Times(1000)
        from more in Times(5000)
        from harmless in Gen.Bool
        from methods in Gen.OneOf<OptionsList<string>>([], ["GET"], ["GET", "POST"])
        from reasons in Gen.OneOf<OptionsList<RetryReason>>(new RetryOptions().On, [RetryReason.Connect], [RetryReason.Of(500)])
        select new RetryOptions { Max = max, Base = first, Cap = first + more, Unsafe = harmless, Methods = methods, On = reasons };

    private static Gen<FailedAttempt> Attempts { get; } =
        from number in Gen.Int[1, 6]
        from method in Gen.OneOf("GET", "PUT", "POST", "PATCH")
        from reason in Gen.OneOf<RetryReason?>(null, RetryReason.Connect, RetryReason.Timeout, RetryReason.Of(500), RetryReason.Of(503))
        from flags in Gen.Int[0, 63]
        from remaining in Gen.Int[-1000, 40_000]
        from least in Times(500)
        from retryAfter in Times(40_000)
        select new FailedAttempt(method)
        {
            Number = number,
            Reason = reason,
            HasIdempotencyKey = (flags & 1) > 0,
            MayHaveSent = (flags & 2) > 0 || reason != RetryReason.Connect,
            BodyIsThere = (flags & 12) > 0,
            ResponseStarted = (flags & 48) == 0,
            InboundAttempt = flags % 5 == 0 ? 1 : 0,
            Remaining = flags % 3 == 0 ? null : TimeSpan.FromMilliseconds(remaining),
            Least = least,
            RetryAfter = flags % 2 == 0 ? null : retryAfter,
        };

    private static IEnumerable<RetryReason?> Statuses(params int[] statuses) => statuses.Select(status => (RetryReason?)RetryReason.Of(status));
}
