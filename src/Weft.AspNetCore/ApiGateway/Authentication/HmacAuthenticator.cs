using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Takes requests that are signed with a shared key, as webhooks are. Reads the body, within the limit of the route; what follows finds it unread.</summary>
internal sealed class HmacAuthenticator : IAuthenticator
{
    private const int MaxId = 256;

    private readonly HmacOptions _options;
    private readonly byte[][] _keys;
    private readonly string _signed;
    private readonly TimeProvider _time;
    private readonly Identity _identity;

    /// <param name="name">The name of the entry.</param>
    /// <param name="options">What it says.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="seen">The messages that were taken, which outlive a reload.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="FormatException">A key is empty, or no base64 behind <c>whsec_</c>.</exception>
    public HmacAuthenticator(string name, HmacOptions options, IEnumerable<string> keys, SeenMessages seen, TimeProvider time)
    {
        (Name, _options, _time, Seen) = (name, options, time, seen);
        _keys = [.. keys.Select(HmacSignatures.Key)];
        var signed = options.Form == HmacForm.Stripe ? "{timestamp}.{body}" : options.Text;
        _signed = signed[..^"{body}".Length];
        _identity = ApiKeys.Caller(name, name, []);
    }

    public string Name { get; }

    public SeenMessages Seen { get; }

    public string Sentence => $"a signature in {_options.Header}";

    public string Challenge => $"HMAC header=\"{_options.Header}\"";

    public async ValueTask<Verdict> AuthenticateAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers[_options.Header] is not { Count: > 0 } header)
            return default;
        if (header.Count > 1 || !HmacSignatures.TryRead(header[0], _options, out var signatures, out var timestamp))
            return Refusal.Signature;
        if (_options.Timestamp is { } at)
            timestamp = headers[at] is [{ } sent] ? sent : null;
        var isTimed = _options.Timestamp is not null || _options.Form == HmacForm.Stripe;
        if (isTimed && !IsNear(timestamp))
            return Refusal.Timestamp;
        string? id = null;
        if (_options.Id is { } idHeader)
        {
            if (headers[idHeader] is not [{ Length: > 0 and <= MaxId } given])
                return Refusal.Id;
            id = given;
        }

        var body = await HeldBody.ReadAsync(context).ConfigureAwait(false);
        var text = Encoding.UTF8.GetBytes(Text(timestamp, id));
        var isRight = false;
        // All keys are tried, whichever it is.
        foreach (var key in _keys)
            isRight |= HmacSignatures.Matches(_options.Algorithm, key, text, body.Span, signatures);
        if (!isRight)
            return Refusal.Signature;
        return id is null || Seen.TryAdd(context, TokenHash.Of([.. text, .. SHA256.HashData(body.Span)]), 2 * _options.Window) ? _identity : Refusal.Replayed;
    }

    // In one pass: what a sender writes into one hole is not read as another.
    private string Text(string? timestamp, string? id)
    {
        var text = new StringBuilder();
        for (var rest = _signed.AsSpan(); !rest.IsEmpty;)
        {
            if (rest.StartsWith("{timestamp}"))
            {
                text.Append(timestamp);
                rest = rest["{timestamp}".Length..];
            }
            else if (rest.StartsWith("{id}"))
            {
                text.Append(id);
                rest = rest["{id}".Length..];
            }
            else
            {
                text.Append(rest[0]);
                rest = rest[1..];
            }
        }
        return text.ToString();
    }

    private bool IsNear(string? timestamp) =>
        timestamp is { Length: > 0 and <= 12 } && long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs(_time.GetUtcNow().ToUnixTimeMilliseconds() - seconds * 1000.0) <= _options.Window.TotalMilliseconds;
}
