using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Accepts requests that carry one of a set of keys in a header. Only hashes are kept.</summary>
internal sealed class ApiKeys : IAuthenticator
{
    private const string HashPrefix = "sha256:";
    private const int MaxKey = 512;

    private readonly string _header;
    private readonly (Identity Caller, byte[] Hash)[] _keys;

    /// <param name="name">The name of the entry.</param>
    /// <param name="header">The header that carries the key.</param>
    /// <param name="lines">One key a line: <c>NAME KEY SCOPE…</c>, where KEY may be <c>sha256:</c> and the hash in hexadecimal, and scopes may be left out.</param>
    /// <exception cref="FormatException">A line is none of that; the text names the line and not its content.</exception>
    public ApiKeys(string name, string header, string lines)
    {
        Name = name;
        _header = header;
        _keys = [.. Parse(name, lines)];
    }

    public string Name { get; }

    public string Sentence => $"an API key in {_header}";

    public string Challenge => $"ApiKey header=\"{_header}\"";

    public string PrivateHeader => _header;

    /// <summary>Takes the same time for all keys, known or not.</summary>
    public ValueTask<Verdict> AuthenticateAsync(HttpContext context)
    {
        var header = context.Request.Headers[_header];
        if (header.Count == 0)
            return default;
        if (header is not [{ Length: > 0 and <= MaxKey } given])
            return new(Refusal.ApiKey);
        Verdict verdict = Find(given) is { } caller ? caller : Refusal.ApiKey;
        return new(verdict);
    }

    /// <summary>Somebody of whom only a name is known.</summary>
    public static Identity Caller(string auth, string subject, string[] scopes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("sub"u8, subject);
            if (scopes.Length > 0)
                json.WriteString("scope"u8, string.Join(' ', scopes));
            json.WriteEndObject();
        }
        return new(auth, subject, buffer.WrittenSpan.ToArray(), scopes);
    }

    private Identity? Find(string given)
    {
        Span<byte> utf8 = stackalloc byte[MaxKey * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(given, utf8)], hash);
        Identity? found = null;
        foreach (var (caller, expected) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, expected))
                found = caller;
        }
        return found;
    }

    private static IEnumerable<(Identity Caller, byte[] Hash)> Parse(string auth, string text)
    {
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 2)
                throw new FormatException($"Line {number} of the API keys is not NAME KEY, separated by a space, with scopes after it or without.");
            yield return (Caller(auth, parts[0], parts[2..]), Hash(parts[1], number));
        }
    }

    private static byte[] Hash(string key, int line)
    {
        if (!key.StartsWith(HashPrefix, StringComparison.Ordinal))
            return SHA256.HashData(Encoding.UTF8.GetBytes(key));
        var hash = new byte[SHA256.HashSizeInBytes];
        return Convert.FromHexString(key.AsSpan(HashPrefix.Length), hash, out _, out var written) == OperationStatus.Done && written == hash.Length
            ? hash
            : throw new FormatException($"Line {line} of the API keys has {HashPrefix} without {2 * SHA256.HashSizeInBytes} hexadecimal digits after it.");
    }
}
