namespace Weft.Postgres.Tests.Nodes;

/// <summary>Does to three processes and their server what happens to such: at random, and from a seed.</summary>
internal sealed class NodeChaos(NodeRig rig, Random random, int publishers)
{
    private const int Pause = 8;

    private readonly NodeProcess[] _nodes = new NodeProcess[3];
    private readonly Task[] _asleep = [Task.CompletedTask, Task.CompletedTask, Task.CompletedTask];
    private int _kills, _sleeps, _naps, _restarts, _crashes, _stops;

    public IReadOnlyList<NodeProcess> Nodes => _nodes;

    public async Task RunAsync(TimeSpan time)
    {
        for (int i = 0; i < _nodes.Length; i++)
            _nodes[i] = await rig.NodeAsync(publishers, Pause, fails: true);
        long begun = NodeProcess.Now;
        while (TimeProvider.System.GetElapsedTime(begun) < time)
        {
            await Task.Delay(random.Next(200, 2500));
            await ActAsync(random.Next(_nodes.Length));
        }
        await Task.WhenAll(_asleep);
        await Task.WhenAll(_nodes.Select(n => n.Started));
    }

    public override string ToString() =>
        $"{_kills} kills, {_sleeps} stops longer than the lease, {_naps} shorter ones, {_stops} clean stops, {_restarts} fast and {_crashes} immediate restarts of the server";

    private async Task ActAsync(int i)
    {
        // One that sleeps is left alone; the others and the server are not.
        int what = random.Next(_asleep[i].IsCompleted ? 0 : 83, 100);
        switch (what)
        {
            case < 40:
                _kills++;
                await _nodes[i].KillAsync();
                await AgainAsync(i);
                break;
            case < 65:
                _sleeps++;
                await _nodes[i].Started;
                _asleep[i] = _nodes[i].StopForAsync(NodeRig.Lease * (1.2 + random.NextDouble()), outlives: true);
                break;
            case < 75:
                _naps++;
                await _nodes[i].Started;
                await _nodes[i].StopForAsync(NodeRig.Lease * 0.4 * random.NextDouble(), outlives: false);
                break;
            case < 83:
                _stops++;
                await _nodes[i].Started;
                await _nodes[i].StopAsync();
                await AgainAsync(i);
                break;
            case < 93:
                _restarts++;
                // A process that finds no server when it starts ends, as it should.
                await Task.WhenAll(_nodes.Select(n => n.Started));
                await rig.Server.RestartAsync(immediate: false);
                break;
            default:
                _crashes++;
                await Task.WhenAll(_nodes.Select(n => n.Started));
                await rig.Server.RestartAsync(immediate: true);
                break;
        }
    }

    // At once, or when the others have long gone on.
    private async Task AgainAsync(int i)
    {
        if (random.Next(3) == 0)
            await Task.Delay(NodeRig.Lease * 1.5 * random.NextDouble());
        _nodes[i] = rig.Launch(publishers, Pause, fails: true);
    }
}
