using Weft.EventBus;
using Weft.Messages;

namespace Weft.FlowSimulation;

/// <summary>A handler that does what chance says: works, is slow, fails, refuses, or hangs.</summary>
internal sealed class SimulatedHandler(string subscription, Func<SimulatedProcess> process, World world, Judge judge)
{
    public async ValueTask HandleAsync(Message message, DeliveryContext context, CancellationToken cancellation)
    {
        var own = process();
        var e = Judge.EventOf(message);
        own.ThrowIfDead();
        judge.Delivering(subscription, e, context.Position, context.Attempt);
        string how = "broke off";
        try
        {
            await own.CrossAsync(cancellation);
            how = await BehaveAsync(cancellation);
        }
        finally
        {
            if (!own.IsDead)
                judge.Delivered(subscription, e, context.Position, how);
        }
        if (how == "refused")
            throw new DeadLetterException("simulated");
        if (how == "failed")
            throw new InvalidOperationException("simulated");
    }

    private async Task<string> BehaveAsync(CancellationToken cancellation)
    {
        switch (world.IsCalm ? 0 : world.Chance.Next(100))
        {
            case < 60:
                return "handled";
            case < 75:
                world.Faults.Add("slow handlers");
                await world.WaitAsync(world.UpTo(5000), cancellation);
                return "handled";
            case < 90:
                world.Faults.Add("failing handlers");
                return "failed";
            case < 95:
                world.Faults.Add("refusing handlers");
                return "refused";
            default:
                world.Faults.Add("hanging handlers");
                while (!world.IsCalm && !world.OneIn(50))
                    await world.WaitAsync(TimeSpan.FromSeconds(1), cancellation);
                return "handled";
        }
    }
}
