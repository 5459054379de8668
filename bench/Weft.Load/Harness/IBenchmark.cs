namespace Weft.Load.Harness;

/// <summary>A benchmark that <c>bench/run NAME</c> runs.</summary>
internal interface IBenchmark
{
    /// <summary>The word after <c>bench/run</c>.</summary>
    string Name { get; }

    /// <summary>What it measures and beside what, for <c>bench/run list</c>.</summary>
    string Sentence { get; }

    /// <summary>Measures. What goes wrong is thrown: a benchmark that could not measure has no report.</summary>
    Task<Report> RunAsync(BenchArgs args);

    /// <summary>
    /// What a <see cref="Worker"/> of this benchmark does in its own process: it prints one line when it is ready and
    /// then works until the token is cancelled, which happens when its standard input ends.
    /// </summary>
    Task WorkAsync(string role, BenchArgs args, CancellationToken stop) =>
        throw new NotSupportedException($"The benchmark {Name} has no worker {role}.");
}
