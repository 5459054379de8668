using Weft.Flows;
using Weft.Options;
using Weft.Testing;

namespace Weft.Sqlite.Tests.PowerLoss;

public sealed class PowerLossTests
{
    private const int Rounds = 5;

    /// <summary>125 losses of power.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    public static TheoryData<int> FewerSeeds => [.. Enumerable.Range(1, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task With_durability_sync_nothing_that_returned_is_ever_lost(int seed) =>
        Assert.True(await RunAsync(seed, Durability.Sync, Durability.Sync) > 0, "Nothing was appended, so nothing was shown.");

    [Theory]
    [MemberData(nameof(FewerSeeds))]
    public async Task With_durability_os_only_the_end_of_the_log_is_lost(int seed) => await RunAsync(seed, Durability.Os, Durability.Os);

    /// <summary>Shows that the tests above would see a loss.</summary>
    [Theory]
    [InlineData(Durability.Os, Durability.Sync)]
    [InlineData(Durability.Memory, Durability.Sync)]
    [InlineData(Durability.Memory, Durability.Os)]
    public async Task A_promise_that_is_not_kept_is_seen(Durability written, Durability promised)
    {
        int seen = 0;
        for (int seed = 1; seed <= 5; seed++)
        {
            try
            {
                await RunAsync(seed, written, promised);
            }
            catch (Exception e) when (e is ConformanceException or LogException)
            {
                seen++;
            }
        }
        Assert.InRange(seen, 4, 5);
    }

    private static async Task<int> RunAsync(int seed, Durability written, Durability promised)
    {
        using var run = new PowerLossRun(seed, written, promised);
        for (int i = 0; i < Rounds; i++)
            await run.RoundAsync();
        return run.Appended;
    }
}
