using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Accepts requests that carry one of a set of keys in a header. Only hashes are kept.</summary>
internal sealed class ApiKeys
{
    private const string HashPrefix = "sha256:";
    private const int MaxKey = 512;

    private readonly (string Name, byte[] Hash)[] _keys;

    /// <param name="header">The header that carries the key.</param>
    /// <param name="lines">One key a line: <c>NAME KEY</c>, where KEY may be <c>sha256:</c> and the hash in hexadecimal.</param>
    /// <exception cref="FormatException">A line is none of that; the text names the line and not its content.</exception>
    public ApiKeys(string header, string lines)
    {
        Header = header;
        _keys = [.. Parse(lines)];
    }

    /// <summary>The header that carries the key.</summary>
    public string Header { get; }

    /// <summary>The name of the key that a request carries; null when it carries none that is accepted. Takes the same time for all keys.</summary>
    public string? Find(HttpRequest request)
    {
        if (request.Headers[Header] is not [{ Length: > 0 and <= MaxKey } given])
            return null;
        Span<byte> utf8 = stackalloc byte[MaxKey * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(given, utf8)], hash);
        string? found = null;
        foreach (var (name, expected) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, expected))
                found = name;
        }
        return found;
    }

    private static IEnumerable<(string Name, byte[] Hash)> Parse(string text)
    {
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 2)
                throw new FormatException($"Line {number} of the API keys is not NAME KEY, separated by a space.");
            yield return (parts[0], Hash(parts[1], number));
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
