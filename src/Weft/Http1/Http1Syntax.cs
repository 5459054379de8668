using System.Buffers;
using System.Text;

namespace Weft.Http1;

/// <summary>The characters of HTTP/1.1 (RFC 9110, 5.6.2 and 5.5; RFC 9112, 2.2).</summary>
internal static class Http1Syntax
{
    private const string Token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> s_token = SearchValues.Create(Token);
    private static readonly SearchValues<byte> s_tokenBytes = SearchValues.Create(Encoding.ASCII.GetBytes(Token));

    // All but tab: what a value may never hold.
    private static readonly SearchValues<byte> s_control = SearchValues.Create([.. Enumerable.Range(0, 0x20).Where(b => b != '\t').Select(b => (byte)b), 0x7f]);

    /// <summary>Whether a text is a token, as names of fields and methods are.</summary>
    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(s_token);

    /// <summary>Whether a text is a token.</summary>
    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(s_tokenBytes);

    /// <summary>Whether a field may have this value.</summary>
    public static bool IsValue(ReadOnlySpan<byte> value) => !value.ContainsAny(s_control);

    /// <summary>Whether a request may have this target: visible ASCII only.</summary>
    public static bool IsTarget(ReadOnlySpan<char> target) => !target.IsEmpty && !target.ContainsAnyExceptInRange('!', '~');

    /// <summary>Reads a line that ends with CR LF; a bare CR or LF is a fault.</summary>
    /// <param name="data">What has come.</param>
    /// <param name="scanned">How much of it was looked at before and holds no end of a line.</param>
    /// <param name="length">The length of the line without its end.</param>
    /// <returns>False when the line is not whole yet; then <paramref name="scanned"/> is moved.</returns>
    public static bool TryLine(ReadOnlySpan<byte> data, ref int scanned, out int length)
    {
        var at = data[scanned..].IndexOf((byte)'\n');
        if (at < 0)
        {
            scanned = data.Length;
            length = 0;
            return false;
        }
        length = scanned + at - 1;
        scanned = 0;
        if (length < 0 || data[length] != '\r')
            throw Http1Fault.Malformed("A line ends with LF alone.");
        return true;
    }
}
