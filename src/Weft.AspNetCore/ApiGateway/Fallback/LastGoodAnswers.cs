using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Weft.AspNetCore.ApiGateway.Fallback;

/// <summary>An answer that was kept whole.</summary>
/// <param name="Headers">Its headers, as they went to the client.</param>
/// <param name="Body">Its body.</param>
/// <param name="StoredAt">A timestamp of the time provider.</param>
internal sealed record GoodAnswer(KeyValuePair<string, StringValues>[] Headers, byte[] Body, long StoredAt);

/// <summary>
/// The last good answers to GET requests, for services whose policy falls back on them. Kept per request and per identity: what was answered to one caller is never
/// answered to another. Only whole answers with status 200 are kept, in memory, the longest unused going first. Safe for use from many threads.
/// </summary>
internal sealed class LastGoodAnswers(TimeProvider time)
{
    /// <summary>The largest body that is kept.</summary>
    public const int MaxBody = 1 << 20;

    private const long MaxTotal = 64 << 20;

    // Everything by which a caller is told from another, and what answers commonly vary by.
    private static readonly string[] s_identity = ["Authorization", "Cookie", "Accept", "Accept-Encoding", "Accept-Language", "Origin"];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, GoodAnswer Answer)>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, GoodAnswer Answer)> _byUse = [];
    private long _total;

    /// <summary>What a request shares only with the same request of the same caller; null for one that is never kept.</summary>
    public static string? KeyOf(GatewayExchange exchange, string service)
    {
        var request = exchange.Context.Request;
        if (!HttpMethods.IsGet(request.Method) || request.Headers.Range.Count > 0)
            return null;
        var text = new StringBuilder();
        Add(service);
        Add(exchange.Route.Name);
        Add(request.Host.Value);
        Add(exchange.Target);
        Add(exchange.Identity?.Key);
        foreach (var name in s_identity)
            Add(request.Headers[name].ToString());
        // Hashed, so that no credential stays in memory.
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));

        void Add(string? part) => text.Append(part?.Length ?? 0).Append(':').Append(part);
    }

    /// <summary>Whether an answer may be kept, by its status and headers.</summary>
    public static bool MayKeep(HttpResponse response) =>
        response.StatusCode == StatusCodes.Status200OK
        && response.Headers.SetCookie.Count == 0
        && !response.Headers.CacheControl.ToString().Contains("no-store", StringComparison.OrdinalIgnoreCase)
        && response.Headers.Vary.All(v => v!.Split(',', StringSplitOptions.TrimEntries).All(n => s_identity.Contains(n, StringComparer.OrdinalIgnoreCase)))
        && response.ContentLength is null or <= MaxBody;

    /// <summary>Keeps an answer in place of the one before.</summary>
    public void Keep(string key, HttpResponse response, byte[] body)
    {
        var answer = new GoodAnswer([.. response.Headers.Where(h => h.Key is not (TraceContext.CorrelationHeader or "Content-Length" or "Transfer-Encoding" or "Date" or "RateLimit" or "RateLimit-Policy"))], body, time.GetTimestamp());
        lock (_lock)
        {
            if (_byKey.Remove(key, out var old))
                Drop(old);
            _byKey[key] = _byUse.AddFirst((key, answer));
            _total += Weight(answer);
            while (_total > MaxTotal)
            {
                var last = _byUse.Last!;
                _byKey.Remove(last.Value.Key);
                Drop(last);
            }
        }
    }

    /// <summary>The last good answer, when it is not older than <paramref name="age"/>.</summary>
    public bool TryGet(string key, TimeSpan age, [NotNullWhen(true)] out GoodAnswer? answer, out TimeSpan since)
    {
        (answer, since) = (null, default);
        lock (_lock)
        {
            if (!_byKey.TryGetValue(key, out var node))
                return false;
            since = time.GetElapsedTime(node.Value.Answer.StoredAt);
            if (since > age)
                return false;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            answer = node.Value.Answer;
            return true;
        }
    }

    private void Drop(LinkedListNode<(string Key, GoodAnswer Answer)> node)
    {
        _byUse.Remove(node);
        _total -= Weight(node.Value.Answer);
    }

    // With a share for keys and headers.
    private static long Weight(GoodAnswer answer) => answer.Body.Length + 2048;
}
