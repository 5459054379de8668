using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Weft.FlowSimulation;

// Arguments: store (memory or sqlite), first seed, how many [, 'once'] [, 'trace'] [, a sabotage]. Runs each seed twice and compares, unless told
// once. Ends with 1 when a seed failed.
if (args is not [var store, var firstText, var countText, ..])
{
    Console.Error.WriteLine($"Usage: Weft.FlowSimulation memory|sqlite FIRST COUNT [once] [trace] [{string.Join('|', Enum.GetNames<Sabotage>())}]");
    return 2;
}
// With one thread in the pool, what is ready runs in the order in which it became ready, and the run depends on the seed alone.
if (Environment.ProcessorCount != 1)
    return await AgainAsync();
ThreadPool.SetMinThreads(1, 1);
if (!ThreadPool.SetMaxThreads(1, 1))
    throw new InvalidOperationException("The thread pool has more than one thread.");
await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

var (first, count) = (int.Parse(firstText, CultureInfo.InvariantCulture), int.Parse(countText, CultureInfo.InvariantCulture));
bool once = args.Contains("once"), shows = args.Contains("trace");
var sabotage = args.Select(a => Enum.TryParse<Sabotage>(a, out var s) && !char.IsDigit(a[0]) ? s : Sabotage.None).FirstOrDefault(s => s != Sabotage.None);
var faults = new FaultCounts();
using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
int failed = 0, published = 0;
long start = TimeProvider.System.GetTimestamp();
for (int seed = first; seed < first + count; seed++)
{
    var result = await SimulationRun.RunAsync(store, seed, sabotage);
    var violations = result.Violations.ToList();
    if (!once && (await SimulationRun.RunAsync(store, seed, sabotage)).Trace is var again && again != result.Trace)
        violations.Add($"the second run differs from the first: {FirstDifference(result.Trace, again)}");
    if (shows)
        Console.WriteLine(result.Trace);
    hash.AppendData(Encoding.UTF8.GetBytes(result.Trace));
    faults.Add(result.Faults);
    published += result.Published;
    if (violations.Count == 0)
        continue;
    failed++;
    Console.WriteLine($"FAILED {store} seed {seed}: {string.Join(" | ", violations.Take(3))}");
    Console.WriteLine($"  again: dotnet run --project tests/Weft.FlowSimulation -c Release -- {store} {seed} 1 trace{(sabotage == Sabotage.None ? "" : $" {sabotage}")}");
}
var taken = TimeProvider.System.GetElapsedTime(start);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{store}: {count} seeds in {taken.TotalSeconds:F1} s, {count / taken.TotalSeconds:F0} seeds/s; {failed} failed; {published} events; {faults.Total} faults: {faults}"));
Console.WriteLine($"hash {Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8))}");
return failed == 0 ? 0 : 1;

async Task<int> AgainAsync()
{
    // What the parent was started with, with its arguments, on one processor.
    var process = new ProcessStartInfo(Environment.ProcessPath!, args) { UseShellExecute = false };
    if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        process.ArgumentList.Insert(0, typeof(SimulationRun).Assembly.Location);
    process.Environment["DOTNET_PROCESSOR_COUNT"] = "1";
    process.Environment["DOTNET_TieredPGO"] = "0";
    using var child = Process.Start(process)!;
    await child.WaitForExitAsync();
    return child.ExitCode;
}

static string FirstDifference(string one, string other)
{
    var (a, b) = (one.Split('\n'), other.Split('\n'));
    int i = 0;
    while (i < a.Length && i < b.Length && a[i] == b[i])
        i++;
    return $"line {i + 1}: '{a.ElementAtOrDefault(i)}' and '{b.ElementAtOrDefault(i)}'";
}
