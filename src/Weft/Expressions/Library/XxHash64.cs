using System.Buffers.Binary;
using System.Numerics;

namespace Weft.Expressions.Library;

/// <summary>XXH64 with seed 0 (the specification of xxHash, section XXH64): fast, well spread, the same on all machines; not for secrets.</summary>
internal static class XxHash64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;

    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var total = (ulong)bytes.Length;
        var hash = bytes.Length >= 32 ? Stripes(ref bytes) : Prime5;
        hash += total;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            hash = BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(bytes)), 27) * Prime1 + Prime4;
        if (bytes.Length >= 4)
        {
            hash = BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Prime1), 23) * Prime2 + Prime3;
            bytes = bytes[4..];
        }
        foreach (var unit in bytes)
            hash = BitOperations.RotateLeft(hash ^ (unit * Prime5), 11) * Prime1;
        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    /// <summary>Takes off all whole stripes of 32 bytes.</summary>
    private static ulong Stripes(ref ReadOnlySpan<byte> bytes)
    {
        ulong a = unchecked(Prime1 + Prime2), b = Prime2, c = 0, d = unchecked(0 - Prime1);
        for (; bytes.Length >= 32; bytes = bytes[32..])
        {
            a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
            d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
        }
        var hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7)
            + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
        return Merge(Merge(Merge(Merge(hash, a), b), c), d);
    }

    private static ulong Round(ulong lane, ulong input) => BitOperations.RotateLeft(lane + input * Prime2, 31) * Prime1;

    private static ulong Merge(ulong hash, ulong lane) => (hash ^ Round(0, lane)) * Prime1 + Prime4;
}
