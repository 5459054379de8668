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

    /// <summary>For metrics.</summary>
    public KeyValuePair<string, object?> Tag { get; } = new("topic", name);

    /// <summary>What the message must share with others to be delivered in order; empty for none.</summary>
    public ReadOnlyMemory<byte> KeyOf(in Message message) => key.Of(message);
}
