using Weft.Messages;

namespace Weft.Postgres.Tests.Nodes;

/// <summary>
/// Three processes on one server, and what happens to them. WEFT_NODES=MINUTES runs the long form of the first for so many minutes, 10 when it is no number.
/// </summary>
[Collection("nodes")]
public sealed class NodeTests(ITestOutputHelper output)
{
    private const int Publishers = 2;

    [Theory]
    [InlineData(1)]
    public async Task Whatever_is_killed_stopped_or_restarted_nothing_is_lost_and_keys_keep_their_order(int seed)
    {
        await using var rig = await NodeRig.StartAsync();
        var chaos = new NodeChaos(rig, new Random(seed), Publishers);
        await chaos.RunAsync(Duration());
        await rig.FinishAsync(chaos.Nodes);

        var verdict = rig.History.Check();
        output.WriteLine($"{chaos}: {verdict}; {rig.History.Refused} refused by the position.");
        verdict.ThrowIfViolated();
        Assert.True(verdict.Acknowledged > 200, $"Only {verdict}, which shows little.");
        await rig.CheckEffectsAsync();
        await rig.CheckStoreAsync();
    }

    [Fact]
    public async Task Processes_that_are_replaced_one_by_one_under_load_handle_nothing_twice()
    {
        await using var rig = await NodeRig.StartAsync();
        var nodes = new NodeProcess[3];
        for (int i = 0; i < nodes.Length; i++)
            nodes[i] = await rig.NodeAsync(Publishers);
        for (int i = 0; i < nodes.Length; i++)
        {
            await Task.Delay(1500);
            await nodes[i].StopAsync();
            nodes[i] = await rig.NodeAsync(Publishers);
        }
        await rig.FinishAsync(nodes);

        var verdict = rig.History.Check();
        output.WriteLine($"{verdict}; handled by {rig.History.All.Where(s => s.What == "done").Select(s => s.Start).Distinct().Count()} processes.");
        verdict.ThrowIfViolated();
        Assert.Equal((0, 0), (verdict.Duplicates, rig.History.Refused));
        await rig.CheckStoreAsync();
    }

    [Fact]
    public async Task What_a_killed_process_had_goes_on_within_the_lease_and_two_seconds()
    {
        await using var rig = await NodeRig.StartAsync();
        var nodes = new List<NodeProcess>();
        for (int i = 0; i < 3; i++)
            nodes.Add(await rig.NodeAsync(Publishers));
        await Task.Delay(3000);
        long killed = await nodes[0].KillAsync();
        await Task.Delay(NodeRig.Lease + TimeSpan.FromSeconds(4));
        await rig.FinishAsync(nodes[1..]);

        var handled = rig.History.All.Where(s => s.What == "deliver").ToLookup(s => NodeRig.ShardOf(s.Event.Key));
        var had = handled.Where(shard => shard.Last(s => s.At < killed).Start == nodes[0].Number).ToArray();
        Assert.NotEmpty(had);
        // What the machine did to others at the same time is no fault of the fail-over.
        var slow = handled.Where(shard => !had.Contains(shard)).Select(LongestGap).DefaultIfEmpty().Max();
        var took = had.Select(shard => TimeProvider.System.GetElapsedTime(killed, shard.First(s => s.At > killed && s.Start != nodes[0].Number).At)).Max();
        output.WriteLine($"{had.Length} shards went on within {took.TotalSeconds:0.00} s; the longest pause of another shard was {slow.TotalSeconds:0.00} s.");
        Assert.True(took <= NodeRig.Lease + TimeSpan.FromSeconds(2) + slow, $"It took {took}, and others paused for {slow}.");
        rig.History.Check().ThrowIfViolated();

        static TimeSpan LongestGap(IEnumerable<Said> shard) =>
            shard.Zip(shard.Skip(1), (a, b) => TimeProvider.System.GetElapsedTime(a.At, b.At)).DefaultIfEmpty().Max();
    }

    [Fact]
    public async Task A_process_that_slept_through_its_lease_settles_nothing_when_it_wakes()
    {
        await using var rig = await NodeRig.StartAsync();
        await using (var log = await PostgresMessageLog.OpenAsync(rig.Options, TimeProvider.System))
        {
            var topic = await log.OpenTopicAsync("orders", default);
            await topic.AppendAsync(Message.CreateBytes("Gate", "/test", [], "application/octet-stream", subject: "0 0 1"), "0"u8.ToArray(), default);
        }
        var sleeper = await rig.NodeAsync(publishers: 0);
        await SaidAsync(rig, sleeper, "deliver");
        await sleeper.SignalAsync("STOP");
        var other = await rig.NodeAsync(publishers: 0);
        await SaidAsync(rig, other, "deliver");
        // Both are in the middle of it now. Which process has a shard may change again, but nothing of it is settled. The sleeper wakes and ends well, not heeding its token.
        string cursors = $"select string_agg(concat_ws('/', shard, low, above, updated), ' ' order by shard) from {rig.Options.Schema}.cursor";
        var before = await rig.Server.ExecuteAsync(cursors);
        await rig.Server.ExecuteAsync($"insert into effects.gate values({sleeper.Number})");
        await sleeper.SignalAsync("CONT");
        await SaidAsync(rig, sleeper, "done");
        await Task.Delay(1500);
        Assert.Equal(before, await rig.Server.ExecuteAsync(cursors));
        // The one that is at it has noted so, since the process before did not end well; and the note is still there.
        Assert.Equal(1L, await rig.Server.ExecuteAsync($"select count(*) from {rig.Options.Schema}.parked"));

        await rig.Server.ExecuteAsync($"insert into effects.gate values({other.Number})");
        // The table of the effects has the one of the sleeper, so it refuses a second; the store has its verdict.
        await SaidAsync(rig, other, "refused");
        await Task.WhenAll(sleeper.StopAsync(), other.StopAsync());
        await rig.CheckStoreAsync();
    }

    private static async Task SaidAsync(NodeRig rig, NodeProcess node, string what)
    {
        for (int tries = 0; !rig.History.All.Any(s => s.Start == node.Number && s.What == what); tries++)
        {
            Assert.True(tries < 600, $"It did not say '{what}' within 30 s.");
            await Task.Delay(50);
        }
    }

    private static TimeSpan Duration() => Environment.GetEnvironmentVariable("WEFT_NODES") is not { Length: > 0 } minutes
        ? TimeSpan.FromSeconds(30)
        : TimeSpan.FromMinutes(double.TryParse(minutes, System.Globalization.CultureInfo.InvariantCulture, out double n) ? n : 10);
}
