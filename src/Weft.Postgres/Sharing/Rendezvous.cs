using System.Buffers.Binary;

namespace Weft.Postgres.Sharing;

/// <summary>Says whose a shard is, the same everywhere: the reader whose hash with it is the greatest. When one comes or goes, only its shards move.</summary>
internal static class Rendezvous
{
    /// <summary>The reader that a shard of a subscription falls to.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="readers">Who is there, in any order; not empty.</param>
    public static Guid Pick(int subscription, int shard, IEnumerable<Guid> readers) =>
        readers.MaxBy(reader => (Weigh(subscription, shard, reader), reader));

    private static uint Weigh(int subscription, int shard, Guid reader)
    {
        Span<byte> bytes = stackalloc byte[24];
        reader.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], subscription);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], shard);
        return ShardPosition.Hash(bytes);
    }
}
