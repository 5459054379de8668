using System.Diagnostics;
using System.Globalization;

namespace Weft.Sqlite.Tests.Simulation;

/// <summary>
/// Runs the flow lane whole from seeds, with the shipping parts, in a process of its own: kills and losses of power at every seam, stores that fail
/// and answer late or not at all, handlers of every kind, steps of the clock. <c>WEFT_SIMULATION_SEEDS</c> says how many seeds.
/// </summary>
[Collection(nameof(Alone))]
public sealed class SimulationTests
{
    private static readonly int s_seeds = int.TryParse(Environment.GetEnvironmentVariable("WEFT_SIMULATION_SEEDS"), CultureInfo.InvariantCulture, out int seeds) ? seeds : 0;

    [Theory]
    [InlineData("memory", 200)]
    [InlineData("sqlite", 30)]
    public async Task Whatever_fails_nothing_is_lost_and_everything_comes_to_rest(string store, int seeds)
    {
        var (code, output) = await RunAsync(store, "1", $"{(s_seeds > 0 ? s_seeds : seeds)}");
        TestContext.Current.TestOutputHelper!.WriteLine(output);
        Assert.True(code == 0, output);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task A_seed_gives_the_same_run_in_every_process(string store)
    {
        var runs = await Task.WhenAll(RunAsync(store, "5001", "15", "once"), RunAsync(store, "5001", "15", "once"));
        Assert.Equal(HashOf(runs[0].Output), HashOf(runs[1].Output));
        var (_, other) = await RunAsync(store, "6001", "15", "once");
        Assert.NotEqual(HashOf(runs[0].Output), HashOf(other));
    }

    /// <summary>Shows that the runs above would see a fault.</summary>
    [Theory]
    [InlineData("SettlesEarly")]
    [InlineData("ForgetsParked")]
    [InlineData("ForgetsKeys")]
    [InlineData("ForgetsSettled")]
    [InlineData("LosesAppends")]
    [InlineData("ReadsBackwards")]
    [InlineData("NeverWakes")]
    public async Task A_part_that_is_broken_on_purpose_is_seen(string sabotage)
    {
        var (code, output) = await RunAsync("memory", "1", "10", "once", sabotage);
        Assert.True(code == 1 && output.Contains("FAILED memory seed", StringComparison.Ordinal), output);
    }

    private static string HashOf(string output) => output.Split('\n').Single(line => line.StartsWith("hash ", StringComparison.Ordinal));

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Weft.FlowSimulation.dll"), .. arguments]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "0";
        using var process = Process.Start(start)!;
        try
        {
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
