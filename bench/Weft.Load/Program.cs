using Weft.Load;
using Weft.Load.Gateway;
using Weft.Load.Harness;

// One line per benchmark, in the order of `bench/run list`.
IBenchmark[] all =
[
    new LogBenchmark(),
    new ProxyBenchmark(),
    new GatewayBenchmark(),
    new LatencyBenchmark(),
    new StartBenchmark(),
    new ExpressionsBenchmark(),
    new ResilienceBenchmark(),
    new ExperimentsBenchmark(),
    new BusBenchmark(),
];
return await Runner.RunAsync(all, args, Console.Out, Console.Error);
