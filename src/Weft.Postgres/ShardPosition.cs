using System.Numerics;

namespace Weft.Postgres;

/// <summary>
/// A position says its shard in its high bits, so that no two shards have one in common, and counts within the shard in the low ones.
/// Even the largest is a number that every reader of JSON keeps exactly.
/// </summary>
internal static class ShardPosition
{
    /// <summary>How many shards a topic can have.</summary>
    public const int MaxShards = 256;

    private const int Bits = 44;

    /// <summary>The position before the first one of a shard.</summary>
    public static long Base(int shard) => (long)shard << Bits;

    /// <summary>The shard of a position.</summary>
    public static int Shard(long position) => (int)(position >> Bits);

    /// <summary>
    /// The shard of a key, for ever. Not the hash by which lanes are chosen: the keys of one shard must spread over all lanes.
    /// </summary>
    public static int Of(ReadOnlySpan<byte> key, int shards) => (int)(Hash(key) % (uint)shards);

    /// <summary>A hash that is the same in every process: FNV-1a, and bits mixed so that all count.</summary>
    public static uint Hash(ReadOnlySpan<byte> bytes)
    {
        uint hash = 2166136261;
        foreach (byte b in bytes)
            hash = (hash ^ b) * 16777619;
        hash = (hash ^ (hash >> 15)) * 0x2c1b3c6d;
        hash = (hash ^ (hash >> 12)) * 0x297a2d39;
        return BitOperations.RotateLeft(hash ^ (hash >> 15), 7);
    }
}
