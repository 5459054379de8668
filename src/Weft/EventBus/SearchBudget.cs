using Weft.Messages;

namespace Weft.EventBus;

/// <summary>How much one request of an operator may look at. What comes first ends it: messages, bytes or time.</summary>
internal sealed class SearchBudget(TimeProvider time, int messages = 20_000, long bytes = 64 << 20)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly long _began = time.GetTimestamp();

    /// <summary>How many messages were looked at.</summary>
    public int Scanned { get; private set; }

    /// <summary>Whether no more may be looked at.</summary>
    public bool IsSpent => Scanned >= messages || bytes <= 0 || time.GetElapsedTime(_began) > Limit;

    /// <summary>Counts a message.</summary>
    public void Count(in Message message)
    {
        Scanned++;
        bytes -= message.Bytes.Length;
    }
}
