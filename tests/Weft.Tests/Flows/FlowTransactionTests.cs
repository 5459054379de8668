using Microsoft.Extensions.Logging.Abstractions;
using Weft.Flows;

namespace Weft.Tests.Flows;

/// <summary>A source that settles a prefix or each, and a target with transactions.</summary>
public sealed class FlowTransactionTests
{
    private static readonly RedeliverySchedule Later = new(0, TimeSpan.FromHours(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

    [Fact]
    public async Task A_transaction_whose_target_threw_is_rolled_back_and_its_verdicts_settle_without_it()
    {
        var source = new Numbers(3, Settling.Each);
        var target = new Table { Throws = true };
        await RunAsync(source, target, batch: 3);
        Assert.Equal(0, target.Commits);
        Assert.Equal([(1, OutcomeKind.Retry, false), (2, OutcomeKind.Retry, false), (3, OutcomeKind.Retry, false)], source.Settled);
    }

    [Fact]
    public async Task A_prefix_is_settled_once_per_batch_inside_the_transaction()
    {
        var source = new Numbers(100, Settling.Prefix);
        var target = new Table();
        await RunAsync(source, target, batch: 100);
        Assert.Equal(target.Commits, source.Settled.Count);
        Assert.Equal((100, OutcomeKind.Acknowledged, true), source.Settled[^1]);
    }

    [Fact]
    public void A_prefix_source_and_a_target_with_transactions_are_held_to_one_lane() =>
        Assert.Throws<ArgumentException>(() => Runner(new Numbers(1, Settling.Prefix), new Table(), new() { Lanes = 2 }));

    private static async Task RunAsync(Numbers source, Table target, int batch)
    {
        using var runner = Runner(source, target, new() { Lanes = 1, Batch = batch, LaneDepth = 1, Retry = Later });
        await runner.RunAsync();
    }

    private static FlowRunner<int> Runner(Numbers source, Table target, FlowSettings settings) =>
        new(source, target, settings, new FlowGate(settings.Probe), TimeProvider.System, seed: 1, new FlowTelemetry("test", NullLogger.Instance));

    private sealed class Numbers(int count, Settling settling) : ISource<int>
    {
        private int _given;

        public List<(long Position, OutcomeKind Kind, bool InScope)> Settled { get; } = [];
        public SourceCapabilities Capabilities { get; } = new(settling, Order: true, Delay: true, DeadLetters: false, Replay: false);

        public ValueTask<int> ReadAsync(Memory<Delivery<int>> into, CancellationToken cancellation)
        {
            int n = 0;
            while (n < into.Length && _given < count)
                into.Span[n++] = new(++_given, _given, default, Attempt: 1);
            return new(n);
        }

        public void Settle(in Delivery<int> delivery, in Outcome outcome, CommitScope? scope) =>
            Settled.Add((delivery.Position, outcome.Kind, scope is not null));

        public ValueTask DisposeAsync() => default;
    }

    private sealed class Table : ITarget<int>
    {
        public int Commits;
        public bool Throws { get; init; }
        public object? Store => this;
        public CommitScope? Begin() => new Transaction(this);

        public ValueTask WriteAsync(ReadOnlyMemory<Delivery<int>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation) =>
            Throws ? throw new InvalidOperationException("half of it was written") : default;
    }

    private sealed class Transaction(Table table) : CommitScope
    {
        public override object Store => table;

        protected override ValueTask CommitCoreAsync(CancellationToken cancellation)
        {
            table.Commits++;
            return default;
        }

        public override ValueTask DisposeAsync() => default;
    }
}
