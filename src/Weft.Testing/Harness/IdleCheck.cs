using System.Globalization;
using System.Text;
using Weft.EventBus;
using Weft.Flows;
using Weft.Options;

namespace Weft.Testing;

/// <summary>Tells whether a process has something to do before the clock moves.</summary>
internal sealed class IdleCheck(HarnessProcess process, HarnessStores stores, HarnessRecord record, ManualTime time)
{
    /// <summary>Looks.</summary>
    public Activity Look()
    {
        if (!process.Runs)
            return Activity.None;
        var now = time.GetUtcNow();
        if (stores.NextScheduled() <= now)
            return Activity.Works;
        var all = stores.Subscriptions(ParkedState.Retry);
        int heldBack = 0;
        if (process.Bus.Subscriptions.Values.FirstOrDefault(s => s.Error is not null) is { } failed)
            throw new InvalidOperationException($"Subscription '{failed.Name}' has ended with an error.", failed.Error);
        foreach (var runner in process.Bus.Subscriptions.Values)
        {
            if (!runner.IsPaused && all.TryGetValue(runner.Name, out var work) && HasDue(runner, work, now) && runner.HeldBack is null)
                return WaitOfCalls();
            heldBack += !runner.IsPaused && runner.HeldBack is not null ? 1 : 0;
        }
        if (record.Calls.Count > 0)
            return WaitOfCalls();
        return heldBack == 0 ? Activity.None : time.Waits >= heldBack ? Activity.Probes : Activity.Works;
    }

    /// <summary>When something is due that the clock must not run past, as a timestamp.</summary>
    public long NextDue()
    {
        var next = stores.NextScheduled();
        foreach (var work in stores.Subscriptions(ParkedState.Retry).Values)
            next = work.NextDue < next ? work.NextDue : next;
        long timer = time.NextDue ?? long.MaxValue;
        // What is due and stays so waits for something else than the clock.
        return next == DateTimeOffset.MaxValue || next <= time.GetUtcNow() ? timer : Math.Min(timer, time.TimestampOf(next));
    }

    /// <summary>What there is to do, for an error.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (var call in record.Calls)
            text.Append(CultureInfo.InvariantCulture, $" Still running: {call.What}.");
        var now = time.GetUtcNow();
        foreach (var (name, work) in stores.Subscriptions(ParkedState.Retry))
        {
            if (work.Unread > 0 || work.NextDue <= now || work.Released > 0)
                text.Append(CultureInfo.InvariantCulture, $" Subscription '{name}': {work.Unread} not settled, {work.Rows.Count} to be tried again, {work.Released} keys whose turn it is.");
        }
        return text.ToString();
    }

    private Activity WaitOfCalls() => record.Calls.Count > 0 && record.Calls.All(c => c.WaitsForClock) ? Activity.WaitsForClock : Activity.Works;

    private static bool HasDue(SubscriptionRunner runner, StoredWork work, DateTimeOffset now) =>
        work.Unread > 0 || work.NextDue <= now || work.Released > (runner.Options.Dead.Order == DeadLetterOrder.Hold ? work.Held : 0);
}

/// <summary>What a process does.</summary>
internal enum Activity
{
    /// <summary>Nothing, before the clock moves or somebody publishes.</summary>
    None,

    /// <summary>A target is down and is tried again at a time.</summary>
    Probes,

    /// <summary>Handlers run, and all of them have set a timer.</summary>
    WaitsForClock,

    /// <summary>Something that needs no time to pass.</summary>
    Works,
}
