using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Weft.AspNetCore.ApiGateway.Forwarding;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>
/// Refuses what Kestrel lets pass and other servers may read otherwise, which is how requests are smuggled (RFC 9112, 11.2):
/// lengths beside chunks, signed lengths, bare line feeds, control characters, odd transfer codings, odd targets.
/// </summary>
internal static class StrictHttp
{
    private static readonly SearchValues<char> s_token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // RFC 3986 and what browsers send beside it; '#' starts a fragment, which a request never has.
    private static readonly SearchValues<char> s_target =
        SearchValues.Create("!\"$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private static readonly SearchValues<byte> s_fieldBytes = SearchValues.Create([(byte)'\t', .. Range(0x20, 0x7e), .. Range(0x80, 0xff)]);
    private static readonly FieldEncoding s_field = new(s_fieldBytes);
    private static readonly FieldEncoding s_length = new(SearchValues.Create("0123456789"u8), isNumber: true);
    private static readonly FieldEncoding s_connection = new(s_fieldBytes, accepts: IsWholeConnection);
    private static readonly FieldEncoding s_refuse = new(SearchValues.Create(ReadOnlySpan<byte>.Empty));

    /// <summary>Sets a server up. Call it before the server starts.</summary>
    public static void Configure(KestrelServerOptions server)
    {
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        server.AddServerHeader = false;
        server.RequestHeaderEncodingSelector = Encoding;
        server.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
    }

    /// <summary>Middleware: what can only be seen of the whole head.</summary>
    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Fault(context) is not { } fault)
            return next(context);
        // What follows on this connection may not be what the client thinks it is.
        context.Response.Headers.Connection = "close";
        return ProblemWriter.WriteAsync(context, new(ProblemKind.BadRequest, fault));
    }

    private static string? Fault(HttpContext context)
    {
        var request = context.Request;
        if (TargetFault(context.Features.Get<IHttpRequestFeature>()?.RawTarget) is { } target)
            return target;
        if (string.IsNullOrEmpty(request.Host.Value))
            return "Host is empty; name one.";
        var coding = request.Headers.TransferEncoding;
        return coding.Count == 0 ? null
            // Kestrel renames the length that came beside it.
            : request.Headers.ContainsKey("X-Content-Length") ? "Content-Length and Transfer-Encoding are both there; send one."
            : !HttpProtocol.IsHttp11(request.Protocol) ? "Transfer-Encoding is not part of this protocol version; send Content-Length."
            : coding is not [{ } only] || !only.Trim(' ', '\t').Equals("chunked", StringComparison.OrdinalIgnoreCase) ? "Transfer-Encoding is not exactly one chunked; no other is served."
            : null;
    }

    private static string? TargetFault(string? target)
    {
        if (target is null)
            return null;
        if (target.AsSpan().ContainsAnyExcept(s_target))
            return "The request target holds a character that must be escaped.";
        if (target is ['/', ..] or "*" or "")
            return null;
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        if (!target.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            return authority < 0 ? null : "The request target has a scheme that is not http.";
        var end = target.AsSpan(authority + 3).IndexOfAny('/', '?');
        return target.AsSpan(authority + 3, end < 0 ? target.Length - authority - 3 : end).Contains('@') ? "The request target holds user information." : null;
    }

    // Called while a head is parsed. The names of fields that Kestrel knows are its own strings; others are as they came.
    private static FieldEncoding Encoding(string name) => name switch
    {
        "Content-Length" => s_length,
        "X-Content-Length" => s_refuse,
        "Connection" => s_connection,
        _ when name.Length == 0 || name.AsSpan().ContainsAnyExcept(s_token) && name[0] != ':' => s_refuse,
        _ => name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? s_length
            : name.Equals("X-Content-Length", StringComparison.OrdinalIgnoreCase) ? s_refuse
            : s_field,
    };

    // Kestrel makes the one word of a field with close or keep-alive in it, and what else the field names would be forwarded
    // (RFC 9110, 7.6.1). Nothing is lost when that is a field which is never forwarded.
    private static bool IsWholeConnection(ReadOnlySpan<char> value)
    {
        bool reduced = false, nominates = false;
        foreach (var range in value.Split(','))
        {
            var token = value[range].Trim(" \t");
            if (token.Equals("close", StringComparison.OrdinalIgnoreCase) || token.Equals("keep-alive", StringComparison.OrdinalIgnoreCase))
                reduced = true;
            else if (!token.IsEmpty && !HopFields.EndsRequest(token.ToString()))
                nominates = true;
        }
        return !(reduced && nominates);
    }

    private static IEnumerable<byte> Range(int first, int last) => Enumerable.Range(first, last - first + 1).Select(b => (byte)b);

    private delegate bool FieldCheck(ReadOnlySpan<char> value);

    /// <summary>Latin-1, which keeps every byte, but only for bytes that are allowed.</summary>
    private sealed class FieldEncoding(SearchValues<byte> allowed, bool isNumber = false, FieldCheck? accepts = null) : Encoding
    {
        public override int GetByteCount(char[] chars, int index, int count) => count;

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

        public override int GetCharCount(byte[] bytes, int index, int count) => count;

        public override unsafe int GetCharCount(byte* bytes, int count) => count;

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
            Decode(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

        public override unsafe int GetChars(byte* bytes, int byteCount, char* chars, int charCount) => Decode(new(bytes, byteCount), new(chars, charCount));

        public override int GetMaxByteCount(int charCount) => charCount;

        public override int GetMaxCharCount(int byteCount) => byteCount;

        private int Decode(ReadOnlySpan<byte> bytes, Span<char> chars)
        {
            if (!bytes.ContainsAnyExcept(allowed))
            {
                int length = Latin1.GetChars(bytes, chars);
                return accepts is null || accepts(chars[..length]) ? length : throw new DecoderFallbackException("A field holds a value that is not allowed.");
            }
            if (!isNumber)
                throw new DecoderFallbackException("A field holds a byte that is not allowed.");
            // Kestrel refuses what is no number by itself, and answers; an exception here would cut the connection.
            chars[..bytes.Length].Fill('?');
            return bytes.Length;
        }
    }
}
