using System.Globalization;
using System.Security.Cryptography;

namespace Weft.Expressions.Library;

/// <summary>
/// <c>hash</c> and <c>shard</c>: numbers made from texts, the same on all machines and in all versions of Weft. A text is hashed as its UTF-8,
/// bytes as they are, and ints, uints and bools as the text that <c>string()</c> makes of them: <c>hash(7) == hash('7')</c>.
/// </summary>
/// <remarks>A hash hides a value only as far as it cannot be guessed: put a secret in front of names and numbers of customers.</remarks>
internal static class HashFunctions
{
    private static readonly CelError s_algorithm = CelError.Argument("hash() knows the algorithms 'sha256' and 'xxh64'.");
    private static readonly CelError s_count = CelError.Argument("shard() takes a number of shards of 1 or more.");

    private static readonly CelType[] s_hashable = [CelType.String, CelType.Bytes, CelType.Int, CelType.UInt, CelType.Bool];

    public static void Register(Registry registry)
    {
        foreach (var type in s_hashable)
        {
            registry.Global("hash", $"hash_{type}", [type], CelType.String, static (f, a) => Hash(f, a[0], "sha256"u8));
            registry.Global("hash", $"hash_{type}_string", [type, CelType.String], CelType.String, static (f, a) => Hash(f, a[0], a[1].AsSpan));
            registry.Global("shard", $"shard_{type}_int", [type, CelType.Int], CelType.Int, Shard);
        }
    }

    /// <summary>
    /// <c>hash(value)</c>, <c>hash(value, algorithm)</c>: in hexadecimal; 64 digits of SHA-256 (FIPS 180-4), which is what is taken when nothing
    /// else is said, or 16 digits of XXH64 with seed 0, which is short and fast but easy to forge.
    /// </summary>
    private static CelValue Hash(Frame frame, in CelValue value, ReadOnlySpan<byte> algorithm)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var bytes = Bytes(value, stackalloc byte[32]);
        if (!frame.TryWalk(bytes.Length))
            return frame.Stopped();
        if (algorithm.SequenceEqual("sha256"u8))
        {
            SHA256.HashData(bytes, hash);
        }
        else if (algorithm.SequenceEqual("xxh64"u8))
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(hash, XxHash64.Hash(bytes));
            hash = hash[..sizeof(ulong)];
        }
        else
        {
            return CelValue.Of(s_algorithm);
        }
        if (!frame.Arena.TryReserve(2 * hash.Length, out var room))
            return frame.Stopped();
        Convert.TryToHexStringLower(hash, room, out _);
        return CelValue.String(room.Array!, room.Offset, room.Count);
    }

    /// <summary>
    /// <c>shard(value, count)</c>: a number from 0 to count - 1, by the remainder of XXH64 with seed 0. Equal values have equal numbers; when the
    /// count changes, most numbers change.
    /// </summary>
    private static CelValue Shard(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var bytes = Bytes(arguments[0], stackalloc byte[32]);
        if (arguments[1].AsInt < 1)
            return CelValue.Of(s_count);
        return frame.TryWalk(bytes.Length) ? CelValue.Of((long)(XxHash64.Hash(bytes) % arguments[1].AsUInt)) : frame.Stopped();
    }

    private static ReadOnlySpan<byte> Bytes(in CelValue value, Span<byte> into)
    {
        int length;
        switch (value.Kind)
        {
            case CelKind.String or CelKind.Bytes:
                return value.AsSpan;
            case CelKind.Bool:
                return value.IsTrue ? "true"u8 : "false"u8;
            case CelKind.Int:
                value.AsInt.TryFormat(into, out length, default, CultureInfo.InvariantCulture);
                return into[..length];
            default:
                value.AsUInt.TryFormat(into, out length, default, CultureInfo.InvariantCulture);
                return into[..length];
        }
    }
}
