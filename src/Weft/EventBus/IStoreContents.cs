using Weft.Flows;

namespace Weft.EventBus;

/// <summary>All that a store holds, for moving it to another. Holds the store against processes until it is disposed. Not thread-safe; one sequence at a time.</summary>
public interface IStoreContents : IAsyncDisposable
{
    /// <summary>The topics, by name.</summary>
    IReadOnlyList<string> Topics { get; }

    /// <summary>The subscriptions, by name.</summary>
    IReadOnlyList<MovedSubscription> Subscriptions { get; }

    /// <summary>The messages of a topic that the store still has, in order.</summary>
    IEnumerable<LogEntry> Messages(string topic);

    /// <summary>What a subscription has parked, dead letters included, by position.</summary>
    IEnumerable<ParkedMessage> Parked(string subscription);

    /// <summary>The messages that wait for their time.</summary>
    IEnumerable<ScheduledMessage> Scheduled();

    /// <summary>What a topic remembers so that it is stored once.</summary>
    IEnumerable<MovedIdentity> Identities(string topic);

    /// <summary>The checkpoints, by name.</summary>
    IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> Checkpoints();
}

/// <summary>A subscription as it is moved.</summary>
/// <param name="Name">Its durable name.</param>
/// <param name="Topic">The topic it reads.</param>
/// <param name="Cursor">How far it has come.</param>
/// <param name="UnderWay">Up to where messages may have been worked on in a crash; 0 for nowhere.</param>
public sealed record MovedSubscription(string Name, string Topic, Cursor Cursor, long UnderWay);

/// <summary>An identity that a topic remembers.</summary>
/// <param name="Identity">The identity.</param>
/// <param name="Until">Until when, in ticks of UTC.</param>
/// <param name="Position">Where its message stands, or stood.</param>
public readonly record struct MovedIdentity(ReadOnlyMemory<byte> Identity, long Until, long Position);

/// <summary>What was moved.</summary>
/// <param name="Topics">How many topics.</param>
/// <param name="Messages">How many messages.</param>
/// <param name="Subscriptions">How many subscriptions.</param>
/// <param name="Unread">How many messages are still to be delivered, over all subscriptions, parked ones aside.</param>
/// <param name="Parked">How many parked messages, dead letters included.</param>
/// <param name="Scheduled">How many messages that wait for their time.</param>
/// <param name="Identities">How many identities.</param>
public sealed record StoreMoved(int Topics, long Messages, int Subscriptions, long Unread, long Parked, long Scheduled, long Identities);
