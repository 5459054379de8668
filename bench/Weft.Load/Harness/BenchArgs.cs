namespace Weft.Load.Harness;

/// <summary>What the command line asks of a benchmark.</summary>
/// <param name="Quick">Whether to run only as long as it takes to see that everything works; the figures mean little then.</param>
/// <param name="Rest">What follows the options that all benchmarks share.</param>
internal sealed record BenchArgs(bool Quick, IReadOnlyList<string> Rest)
{
    /// <summary>How often each subject is measured: 5 times, once or as <c>--rounds</c> says.</summary>
    public int Rounds { get; init; } = Quick ? 1 : 5;

    /// <summary>How long one measurement should take.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds(Quick ? 0.5 : 5);

    /// <summary>One of two values, by <see cref="Quick"/>.</summary>
    public T Pick<T>(T quick, T full) => Quick ? quick : full;
}
