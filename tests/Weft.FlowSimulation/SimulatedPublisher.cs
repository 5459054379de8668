using Weft.Messages;
using Weft.Testing;

namespace Weft.FlowSimulation;

/// <summary>Publishes to whatever process there is: one by one, several at once, or at a later time.</summary>
internal sealed class SimulatedPublisher(int number, int count, int keys, Func<SimulatedProcess?> process, World world, Judge judge)
{
    private int _sequence;

    public async Task RunAsync()
    {
        while (_sequence < count)
        {
            await world.WaitAsync(world.UpTo(world.OneIn(5) ? 4000 : 300));
            if (process() is not { Started: true } target)
                continue;
            switch (world.Chance.Next(10))
            {
                case 0: await ScheduleAsync(target); break;
                case 1: await PublishAsync(target, world.Chance.Next(2, 5)); break;
                default: await PublishAsync(target, 1); break;
            }
        }
    }

    private async Task PublishAsync(SimulatedProcess target, int together)
    {
        var events = Enumerable.Range(0, together).Select(_ => Next(world.Chance.Next(keys + 1) - 1)).ToArray();
        Array.ForEach(events, judge.Publishing);
        Message[] messages = [.. events.Select(e => Judge.Make(e, world.Time))];
        await ReportAsync(target, events, async () =>
        {
            if (together == 1)
                await target.Publisher.PublishAsync("orders", messages[0]);
            else
                await target.Publisher.PublishAsync("orders", messages);
        });
    }

    private async Task ScheduleAsync(SimulatedProcess target)
    {
        var e = Next(-1);
        judge.Publishing(e);
        await ReportAsync(target, [e], async () =>
            await target.Publisher.ScheduleAsync("orders", Judge.Make(e, world.Time), world.Time.GetUtcNow() + world.UpTo(20_000), $"{number}-{e.Sequence}"));
    }

    // An answer that comes when the process is dead does not reach the publisher.
    private async Task ReportAsync(SimulatedProcess target, HistoryEvent[] events, Func<Task> publish)
    {
        try
        {
            await publish();
            target.ThrowIfDead();
            Array.ForEach(events, judge.PublishReturned);
        }
        catch (Exception)
        {
            Array.ForEach(events, judge.PublishFailed);
        }
    }

    // Without a key there is no order: then each is a key of its own to the judge.
    private HistoryEvent Next(int key)
    {
        _sequence++;
        return new(key < 0 ? -((number * 10_000) + _sequence) : key, number, _sequence);
    }
}
