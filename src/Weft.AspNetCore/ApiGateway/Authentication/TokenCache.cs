using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>
/// Tokens that were verified, by the SHA-256 of all of their text. Only tokens that hold come in, so nobody can push others out with made-up ones. Two
/// generations: when the young one is full it becomes the old one, and what nobody has used since is dropped with it.
/// </summary>
/// <param name="maxEntries">The most entries; 0 for none.</param>
/// <param name="maxBytes">The most bytes that they take, about.</param>
internal sealed class TokenCache(int maxEntries, long maxBytes)
{
    /// <summary>What an entry takes beside its claims, about.</summary>
    private const int Overhead = 400;

    private readonly Lock _gate = new();
    private ConcurrentDictionary<TokenHash, Entry> _young = new();
    private ConcurrentDictionary<TokenHash, Entry> _old = new();
    private int _youngCount;
    private long _youngBytes;

    public int Count => _young.Count + _old.Count;

    /// <summary>Finds a token. One that has expired, or whose key was taken back, is not there.</summary>
    public Identity? Find(in TokenHash hash, long nowMilliseconds)
    {
        if (!Volatile.Read(ref _young).TryGetValue(hash, out var entry))
        {
            if (!Volatile.Read(ref _old).TryGetValue(hash, out entry))
                return null;
            if (entry.HoldsAt(nowMilliseconds))
                Add(hash, entry);
        }
        return entry.HoldsAt(nowMilliseconds) ? entry.Identity : null;
    }

    /// <summary>Remembers a token that was verified.</summary>
    /// <param name="hash">Of all of its text.</param>
    /// <param name="identity">What it says.</param>
    /// <param name="until">When it ends, in milliseconds since 1970.</param>
    /// <param name="key">What it was verified with.</param>
    public void Add(in TokenHash hash, Identity identity, long until, VerificationKey key)
    {
        if (maxEntries > 0)
            Add(hash, new(identity, until, key));
    }

    private void Add(in TokenHash hash, Entry entry)
    {
        lock (_gate)
        {
            var size = Overhead + entry.Identity.Claims.Length;
            if (_youngCount >= Math.Max(1, maxEntries / 2) || _youngBytes + size > maxBytes / 2)
            {
                Volatile.Write(ref _old, maxEntries == 1 ? new() : _young);
                Volatile.Write(ref _young, new());
                (_youngCount, _youngBytes) = (0, 0);
            }
            if (!_young.TryAdd(hash, entry))
                return;
            _youngCount++;
            _youngBytes += size;
        }
    }

    private sealed record Entry(Identity Identity, long Until, VerificationKey Key)
    {
        public bool HoldsAt(long now) => now < Until && !Key.IsRetired;
    }
}

/// <summary>The SHA-256 of a token.</summary>
internal readonly record struct TokenHash(UInt128 High, UInt128 Low)
{
    /// <summary>Hashes all of a token.</summary>
    public static TokenHash Of(ReadOnlySpan<byte> token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(token, hash);
        return new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash), System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }

    /// <summary>The bits of a hash are as good as any.</summary>
    public override int GetHashCode() => (int)Low;
}
