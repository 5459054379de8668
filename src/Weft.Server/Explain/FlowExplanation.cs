using System.Globalization;
using Weft.Options;

namespace Weft.Server.Explain;

internal sealed partial record FlowExplanation
{
    /// <summary>Explains a subscription.</summary>
    /// <exception cref="CommandException">There is none of that name.</exception>
    public static FlowExplanation Of(WeftOptions options, string name)
    {
        if (!options.Subscriptions.TryGetValue(name, out var subscription))
            throw CommandException.Usage($"The file has no subscription '{name}'. It has: {options.Subscriptions}.");
        var topic = options.Topics[subscription.From];
        var store = topic.Store ?? options.Connections.Keys.First();
        return new(name,
        [
            new("read", $"Reads topic {subscription.From} in store {store} from its own durable place. When it is new, it begins at: {subscription.Start}."),
            new("order", subscription.Ordered
                ? $"Works on {Count(subscription.Concurrency)} at a time; those with the same {topic.Key} one after another, in the order in which they were stored."
                : $"Works on {Count(subscription.Concurrency)} at a time, in no particular order."),
            new("deliver", subscription.Push is { } push
                ? $"POSTs each to {push.Service} {push.Path} as a CloudEvent in binary mode, with Idempotency-Key = id, and waits 10 s for the answer. A service that refuses connections pauses the flow and spends no tries."
                : $"Calls the C# handler {subscription.Handler}."),
            .. subscription.Push is null ? (StepText[])[] : [new("judge", Judge(subscription.Status))],
            new("retry", Retry(subscription.Retry)),
            new("dead", $"Keeps what could not be delivered as a dead letter for {Time(subscription.Dead.Keep)}, and goes on: see weft dead list --subscription {name}."),
        ]);
    }

    private static string Judge(PushStatusOptions status) =>
        $"2xx is done; {status.Dead} is dead at once; {status.Pause} pauses the flow and spends no tries; everything else is tried again, not before Retry-After.";

    private static string Retry(DeliveryRetryOptions retry) =>
        $"After a failure tries {retry.Now} times at once, then after {Time(retry.Base)}, doubling up to {Time(retry.Cap)}, until {Time(retry.For)} after the first failure; then it is dead.";

    private static string Count(int concurrency) => concurrency == 1 ? "1 event" : $"{concurrency} events";

    private static string Time(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } when time.Ticks % TimeSpan.TicksPerDay == 0 => Text(time.TotalDays, "d"),
        { TotalHours: >= 1 } when time.Ticks % TimeSpan.TicksPerHour == 0 => Text(time.TotalHours, "h"),
        { TotalMinutes: >= 1 } when time.Ticks % TimeSpan.TicksPerMinute == 0 => Text(time.TotalMinutes, "m"),
        { TotalSeconds: >= 1 } when time.Ticks % TimeSpan.TicksPerSecond == 0 => Text(time.TotalSeconds, "s"),
        _ => Text(time.TotalMilliseconds, "ms"),
    };

    private static string Text(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number:0.###} {unit}");
}
