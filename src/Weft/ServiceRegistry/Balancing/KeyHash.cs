using System.Text;
using Weft.Expressions.Library;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>Hashes that are the same in every process and on every machine, so that several gateways send a key to the same instance.</summary>
internal static class KeyHash
{
    /// <summary>The hash of bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) => XxHash64.Hash(bytes);

    /// <summary>The hash of a text.</summary>
    public static ulong Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Spreads the bits (the finalizer of SplitMix64).</summary>
    public static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>A hash as a number of at least 0 and below 1, which says nothing about what <see cref="Mix"/> makes of it.</summary>
    public static double Share(ulong hash) => (Mix(hash * 0x9E3779B97F4A7C15) >> 11) * (1.0 / (1UL << 53));
}
