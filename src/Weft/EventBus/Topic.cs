using System.Security.Cryptography;
using System.Text;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>A topic of the bus: its log, and how the key of a message is found.</summary>
internal sealed class Topic(string name, TopicOptions options, IMessageLog store, ILogTopic log, TopicKey key)
{
    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>What the topic was told.</summary>
    public TopicOptions Options => options;

    /// <summary>The store that keeps it.</summary>
    public IMessageLog Store => store;

    /// <summary>Its log.</summary>
    public ILogTopic Log => log;

    /// <summary>Counts and traces what is published.</summary>
    public Messaging.Topic Telemetry { get; } = new(name);

    /// <summary>What the message must share with others to be delivered in order; empty for none.</summary>
    public ReadOnlyMemory<byte> KeyOf(in Message message) => key.Of(message);

    /// <summary>What an event is remembered by, when the topic remembers: its source and id, or what its publisher says.</summary>
    /// <exception cref="ArgumentException">The publisher says something, and the topic does not remember.</exception>
    public Once OnceOf(in Message message, string? dedupeId = null)
    {
        if (options.Dedupe is not { } window)
            return dedupeId is null ? default : throw new ArgumentException($"Topic '{name}' does not remember what was published, so a DedupeId does nothing. Set topics.{name}.dedupe, such as 10m, or leave it out.", nameof(dedupeId));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (dedupeId is not null)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(dedupeId));
        }
        else
        {
            // Neither can have a zero in it.
            hash.AppendData(Encoding.UTF8.GetBytes(message.Source));
            hash.AppendData("\0"u8);
            hash.AppendData(Encoding.UTF8.GetBytes(message.Id));
        }
        // Half of it tells apart as many as there will ever be, and cannot be met on purpose.
        return new(hash.GetHashAndReset().AsMemory(0, 16), window);
    }
}
