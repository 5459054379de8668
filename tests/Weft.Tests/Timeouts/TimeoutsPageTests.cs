using Polly;
using Weft.Options.Schema;
using Weft.Retry;
using Weft.Tests.Repository;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

/// <summary>docs/patterns/timeouts.md: its C# runs, and its tables say what the options say.</summary>
public sealed class TimeoutsPageTests
{
    private static readonly string s_page = Repo.Read("docs/patterns/timeouts.md");

    [Fact]
    public void Every_key_is_on_it_with_its_default()
    {
        var rows = PolicyKeys.Deadline.Keys.Select(key => ("deadline", key)).Concat(PolicyKeys.Timeout.Keys.Select(key => ("timeout", key)))
            .Select(k => $"| `policies.NAME.{k.Item1}.{k.key.Name}` | {k.key.DefaultText ?? "none"} |");
        Assert.All(rows, row => Assert.Contains(row, s_page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pipeline()
    {
        // region pipeline
        var pipeline = new ResiliencePipelineBuilder()
            .AddWeftDeadline(new() { Total = TimeSpan.FromSeconds(2) })                        // all attempts and waits
            .AddWeftRetry(new()
            {
                ShouldHandle = new PredicateBuilder().Handle<AttemptTimeoutException>(),
                Remaining = _ => Deadline.Current.Remaining,                                   // no wait that does not fit
            })
            .AddWeftTimeout(new() { Max = TimeSpan.FromSeconds(1), Initial = TimeSpan.FromSeconds(1) }) // each attempt: twice the p99 of the last minute
            .Build();
        var answer = await pipeline.ExecuteAsync(async token => await AskAsync("/orders", token));
        // endregion
        Assert.Equal("/orders", answer);
    }

    [Fact]
    public async Task Steps_under_one_deadline()
    {
        var caller = CancellationToken.None;
        string orders = "", prices = "";
        // region plan
        var plan = new DeadlinePlan()
            .Then(new DeadlineStep("user") { Minimum = TimeSpan.FromMilliseconds(50), Cap = TimeSpan.FromMilliseconds(300) })
            .Then(new DeadlineStep("orders") { Minimum = TimeSpan.FromMilliseconds(100) },
                  new DeadlineStep("prices") { IsOptional = true });                                       // side by side

        using var scope = Deadline.Begin(TimeSpan.FromMilliseconds(800));
        var user = await plan.RunAsync("user", scope.Deadline, token => AskAsync("/user", token), caller); // at most 300 ms, and 100 ms remain for the orders
        await plan.RunTogetherAsync(scope.Deadline,
        [
            ("orders", async token => orders = await AskAsync("/orders", token)),
            ("prices", async token => prices = await AskAsync("/prices", token)),
        ], caller);
        // endregion
        Assert.Equal(("/user", "/orders", "/prices"), (user, orders, prices));
    }

    [Fact]
    public async Task Work_that_goes_on()
    {
        using var scope = Deadline.Begin(TimeSpan.FromMilliseconds(800));
        // region shed
        Task audit;
        using (Deadline.Shed())
        using (Deadline.Begin(TimeSpan.FromMinutes(5)))
            audit = WriteAuditAsync();
        // endregion
        Assert.True(await (Task<bool>)audit);

        static async Task<bool> WriteAuditAsync()
        {
            await Task.Yield();
            return Deadline.Current.Remaining > TimeSpan.FromMinutes(4);
        }
    }

    private static async ValueTask<string> AskAsync(string path, CancellationToken token)
    {
        await Task.Yield();
        token.ThrowIfCancellationRequested();
        return path;
    }
}
