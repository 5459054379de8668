using Weft.Flows;

namespace Weft.Tests.Flows;

/// <summary>A log that lets the test act between the moment a row was read and the moment its reader has it.</summary>
internal sealed class ParkedReadHook(IMessageLog log, Func<ParkedQuery, IReadOnlyList<ParkedMessage>, Task> afterRead) : IMessageLog
{
    public LogCapabilities Capabilities => log.Capabilities;

    public async ValueTask<IReadOnlyList<ParkedMessage>> ReadParkedAsync(string subscription, ParkedQuery query, CancellationToken cancellation)
    {
        var rows = await log.ReadParkedAsync(subscription, query, cancellation);
        await afterRead(query, rows);
        return rows;
    }

    public ValueTask<ILogTopic> OpenTopicAsync(string name, CancellationToken cancellation) => log.OpenTopicAsync(name, cancellation);
    public LogTransaction Begin() => log.Begin();
    public ValueTask<IReadOnlyList<SubscriptionInfo>> ListSubscriptionsAsync(CancellationToken cancellation) => log.ListSubscriptionsAsync(cancellation);
    public ValueTask<bool> RemoveSubscriptionAsync(string name, CancellationToken cancellation) => log.RemoveSubscriptionAsync(name, cancellation);
    public ValueTask<bool> SeekAsync(string name, SubscriptionStart start, CancellationToken cancellation) => log.SeekAsync(name, start, cancellation);
    public ValueTask<bool> HasPassedAsync(string subscription, long position, CancellationToken cancellation) => log.HasPassedAsync(subscription, position, cancellation);
    public ValueTask<ReadOnlyMemory<byte>> ReadCheckpointAsync(string name, CancellationToken cancellation) => log.ReadCheckpointAsync(name, cancellation);

    public ValueTask<long> PurgeDeadAsync(string subscription, DateTimeOffset before, CancellationToken cancellation) => log.PurgeDeadAsync(subscription, before, cancellation);
    public ValueTask<IReadOnlyList<ScheduledMessage>> ReadScheduledAsync(ScheduledQuery query, CancellationToken cancellation) => log.ReadScheduledAsync(query, cancellation);
    public ValueTask<bool> UnscheduleAsync(string token, CancellationToken cancellation) => log.UnscheduleAsync(token, cancellation);
    public ValueTask DisposeAsync() => log.DisposeAsync();
}
