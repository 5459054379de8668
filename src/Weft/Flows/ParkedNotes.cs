using System.Text;

namespace Weft.Flows;

/// <summary>What is noted beside a parked message: the last failed tries, and what an operator changed. Immutable.</summary>
internal sealed record ParkedNotes
{
    /// <summary>So many failed tries are kept.</summary>
    public const int MaxTries = 8;

    /// <summary>So many characters of the detail of a failed try are kept.</summary>
    public const int MaxDetail = 512;

    private const byte Version = 1;

    /// <summary>Nothing is noted.</summary>
    public static ParkedNotes None { get; } = new();

    /// <summary>The last failed tries, oldest first. Tries that were made at once, without a row between, are one: the last.</summary>
    public IReadOnlyList<FailedTry> Tries { get; init; } = [];

    /// <summary>What an operator changed; null when nothing.</summary>
    public MessageEdit? Edit { get; init; }

    /// <summary>The same with one failed try more.</summary>
    public ParkedNotes With(FailedTry failed) => this with
    {
        Tries = [.. Tries.Skip(Math.Max(0, Tries.Count - MaxTries + 1)), failed with { Detail = failed.Detail is { Length: > MaxDetail } ? failed.Detail[..MaxDetail] : failed.Detail }],
    };

    /// <summary>Reads what <see cref="Write"/> wrote; nothing when it is damaged or of a newer version, since no message may be lost for its notes.</summary>
    public static ParkedNotes Read(ReadOnlyMemory<byte> notes)
    {
        if (notes.IsEmpty || notes.Span[0] != Version)
            return None;
        try
        {
            using var reader = new BinaryReader(new MemoryStream(notes[1..].ToArray()), Encoding.UTF8);
            var tries = new FailedTry[Math.Min(reader.ReadByte(), (byte)MaxTries)];
            for (int i = 0; i < tries.Length; i++)
                tries[i] = new(reader.ReadInt32(), Time(reader), reader.ReadString(), reader.ReadBoolean() ? reader.ReadString() : null);
            var edit = reader.ReadBoolean() ? new MessageEdit(Time(reader), reader.ReadString(), new(reader.ReadBytes(reader.ReadInt32()))) : null;
            return new() { Tries = tries, Edit = edit };
        }
        catch (Exception e) when (e is IOException or ArgumentException or FormatException)
        {
            return None;
        }
    }

    /// <summary>Writes it; empty when nothing is noted.</summary>
    public ReadOnlyMemory<byte> Write()
    {
        if (Tries.Count == 0 && Edit is null)
            return default;
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(Version);
        writer.Write((byte)Tries.Count);
        foreach (var failed in Tries)
        {
            writer.Write(failed.Attempt);
            writer.Write(failed.At.UtcTicks);
            writer.Write(failed.Reason);
            writer.Write(failed.Detail is not null);
            if (failed.Detail is not null)
                writer.Write(failed.Detail);
        }
        writer.Write(Edit is not null);
        if (Edit is not null)
        {
            writer.Write(Edit.At.UtcTicks);
            writer.Write(Edit.By);
            writer.Write(Edit.Original.Bytes.Length);
            writer.Write(Edit.Original.Bytes.Span);
        }
        return bytes.ToArray();
    }

    private static DateTimeOffset Time(BinaryReader reader) => new(reader.ReadInt64(), TimeSpan.Zero);
}

/// <summary>A failed try.</summary>
/// <param name="Attempt">Which, from 1; counted anew by each replay.</param>
/// <param name="At">When it failed.</param>
/// <param name="Reason">A short stable word.</param>
/// <param name="Detail">What a person needs to understand it.</param>
internal sealed record FailedTry(int Attempt, DateTimeOffset At, string Reason, string? Detail);

/// <summary>What an operator changed.</summary>
/// <param name="At">When, the last time.</param>
/// <param name="By">Who, the last time.</param>
/// <param name="Original">What it was before the first change.</param>
internal sealed record MessageEdit(DateTimeOffset At, string By, Messages.Message Original);
