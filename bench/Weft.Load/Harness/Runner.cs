using System.Globalization;

namespace Weft.Load.Harness;

/// <summary>The command line of <c>bench/run</c>.</summary>
internal static class Runner
{
    private const string Usage = "usage: bench/run NAME [--quick] [--rounds N] [ARGUMENT...], or bench/run list";

    /// <summary>Runs what the arguments ask for; 0 when every bound holds, 1 when one falls short, 2 when the arguments say nothing known.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<IBenchmark> all, string[] args, TextWriter output, TextWriter error)
    {
        if (args is ["list"])
        {
            var width = all.Select(b => b.Name.Length).DefaultIfEmpty().Max();
            foreach (var one in all)
            {
                output.WriteLine($"{one.Name.PadRight(width)}  {one.Sentence}");
            }

            return 0;
        }

        if (args is [] || all.FirstOrDefault(b => b.Name == args[0]) is not { } benchmark)
        {
            error.WriteLine(args is [] ? Usage : $"No benchmark is named {args[0]}; there are: {string.Join(", ", all.Select(b => b.Name))}. {Usage}");
            return 2;
        }

        var (parsed, role) = Parse(args.AsSpan(1));
        if (role is not null)
        {
            await WorkAsync(benchmark, role, parsed);
            return 0;
        }

        var report = await benchmark.RunAsync(parsed);
        report.Print(output, parsed.Quick ? benchmark.Name + " (quick: the figures mean little)" : benchmark.Name);
        return report.Bounds.All(bound => bound.Holds) ? 0 : 1;
    }

    private static (BenchArgs Args, string? Role) Parse(ReadOnlySpan<string> args)
    {
        var quick = false;
        int? rounds = null;
        string? role = null;
        var rest = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--quick": quick = true; break;
                case "--rounds" when i + 1 < args.Length: rounds = int.Parse(args[++i], CultureInfo.InvariantCulture); break;
                case "--role" when i + 1 < args.Length: role = args[++i]; break;
                default: rest.Add(args[i]); break;
            }
        }

        var parsed = new BenchArgs(quick, rest);
        return (rounds is { } n ? parsed with { Rounds = n } : parsed, role);
    }

    private static async Task WorkAsync(IBenchmark benchmark, string role, BenchArgs args)
    {
        using var stop = new CancellationTokenSource();
        var work = benchmark.WorkAsync(role, args, stop.Token);
        var ownerEnded = Console.OpenStandardInput().CopyToAsync(Stream.Null, CancellationToken.None);
        if (await Task.WhenAny(work, ownerEnded) == ownerEnded)
        {
            await stop.CancelAsync();
        }

        try
        {
            await work;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to end.
        }
    }
}
