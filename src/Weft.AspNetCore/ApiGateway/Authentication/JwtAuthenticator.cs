using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Weft.Diagnostics;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Takes bearer tokens (RFC 6750) that are signed JWTs of one issuer.</summary>
internal sealed class JwtAuthenticator(string name, JwtOptions options, KeySource keys, TimeProvider time) : IAuthenticator
{
    /// <summary>The longest token in bytes.</summary>
    public const int MaxToken = 16 << 10;

    private const long MaxCache = 32 << 20;
    private const string Scheme = "Bearer ";

    private readonly KeyValuePair<string, object?> _label = new("auth", name);

    public string Name => name;

    public JwtOptions Options => options;

    public KeySource Keys => keys;

    public TokenCache Cache { get; } = new(options.Cache, MaxCache);

    public string Sentence => $"a token of {options.Issuer} for {string.Join(" or ", options.Audience)}";

    public string Challenge => "Bearer realm=\"weft\"";

    public ValueTask<Verdict> AuthenticateAsync(HttpContext context)
    {
        var headers = context.Request.Headers.Authorization;
        if (headers.Count != 1)
            return headers.Count == 0 ? default : new(Refusal.Twice);
        var header = headers[0]!;
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return default;
        if (header.Length - Scheme.Length > MaxToken)
            return new(Refusal.TooLong);
        return TryFind(header, out var hash) is { } known ? new(known) : VerifyAsync(header, hash);
    }

    [SkipLocalsInit]
    private Identity? TryFind(string header, out TokenHash hash)
    {
        var token = header.AsSpan(Scheme.Length);
        byte[]? rented = null;
        Span<byte> bytes = token.Length <= 2048 ? stackalloc byte[2048] : rented = ArrayPool<byte>.Shared.Rent(token.Length);
        var isAscii = Ascii.FromUtf16(token, bytes, out var length) == OperationStatus.Done;
        hash = isAscii ? TokenHash.Of(bytes[..length]) : default;
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        if (!isAscii || Cache.Find(hash, time.GetUtcNow().ToUnixTimeMilliseconds()) is not { } known || !keys.IsReady())
            return null;
        WeftMeter.TokenHits.Add(1, _label);
        return known;
    }

    private async ValueTask<Verdict> VerifyAsync(string header, TokenHash hash)
    {
        var token = header.AsSpan(Scheme.Length);
        var bytes = new byte[token.Length];
        if (Ascii.FromUtf16(token, bytes, out _) != OperationStatus.Done)
            return Refusal.Malformed;
        if (TokenReader.Read(bytes, options.Types, out var parts) is { } unreadable)
            return unreadable;
        if (!await keys.PrepareAsync().ConfigureAwait(false))
            return Refusal.NoKeys;
        if (await keys.FindAsync(parts.Kid, parts.Algorithm).ConfigureAwait(false) is not { } key)
            return Refusal.Key;
        if (!key.Verify(parts.Algorithm, parts.Signed.Span, parts.Signature))
            return Refusal.Signature;
        WeftMeter.TokenMisses.Add(1, _label);
        var verdict = TokenReader.Accept(name, options, parts.Claims, time.GetUtcNow(), out var until);
        if (verdict.Identity is { } identity)
            Cache.Add(hash, identity, until, key);
        return verdict;
    }
}
