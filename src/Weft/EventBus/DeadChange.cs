using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.EventBus;

/// <summary>What an operator does to dead letters, as one process asks it of another.</summary>
/// <param name="Kind">What.</param>
/// <param name="Positions">To which.</param>
internal sealed record DeadChange(DeadChangeKind Kind, IReadOnlyList<long> Positions)
{
    /// <summary>For an edit: who.</summary>
    public string? By { get; init; }

    /// <summary>For an edit: what the letter was; when it is another by then, nothing is changed.</summary>
    public byte[]? From { get; init; }

    /// <summary>For an edit: what it becomes.</summary>
    public byte[]? To { get; init; }

    /// <summary>The change as it is sent.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, DeadChangeJson.Default.DeadChange);

    /// <summary>Reads what was sent.</summary>
    public static DeadChange Read(ReadOnlyMemory<byte> bytes) => JsonSerializer.Deserialize(bytes.Span, DeadChangeJson.Default.DeadChange)!;
}

/// <summary>What is done to dead letters.</summary>
internal enum DeadChangeKind
{
    /// <summary>Delivered again to their subscription.</summary>
    Replay,

    /// <summary>Published again to their topic.</summary>
    ReplayToTopic,

    /// <summary>Forgotten.</summary>
    Discard,

    /// <summary>Put in place of what it was.</summary>
    Edit,
}

/// <summary>What became of a change that another process was asked for.</summary>
/// <param name="Positions">The dead letters that were found and changed.</param>
/// <param name="Error">Why it was not done, or not all; null when it was.</param>
internal sealed record DeadChanged(IReadOnlyList<long> Positions, string? Error)
{
    /// <summary>Whether the shard has just fallen to the one that was asked, or leaves it: then the rest was not done, and asking again helps.</summary>
    public bool IsMoving { get; init; }

    /// <summary>The answer as it is sent.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, DeadChangeJson.Default.DeadChanged);

    /// <summary>Reads what was sent.</summary>
    public static DeadChanged Read(ReadOnlyMemory<byte> bytes) => JsonSerializer.Deserialize(bytes.Span, DeadChangeJson.Default.DeadChanged)!;
}

// Without bytes is not with empty ones, as they would be written.
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DeadChange))]
[JsonSerializable(typeof(DeadChanged))]
internal sealed partial class DeadChangeJson : JsonSerializerContext;
