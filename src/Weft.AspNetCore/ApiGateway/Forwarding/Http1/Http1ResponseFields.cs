using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Weft.Http1;

namespace Weft.AspNetCore.ApiGateway.Forwarding.Http1;

/// <summary>
/// Copies the head of an answer to the client. The answers of one connection mostly have the same fields in the same order, and many of the same values: those are not made
/// anew but compared with those of the answer before.
/// </summary>
internal sealed class Http1ResponseFields
{
    private const int Known = 32;
    private const int LongestKnown = 128;

    private readonly Field[] _known = new Field[Known];

    /// <summary>Copies status and fields, but those that end here.</summary>
    public void Write(Http1Head head, ReadOnlySpan<byte> bytes, HttpResponse response)
    {
        response.StatusCode = head.Status;
        var connection = head.Nominates ? Values(head, bytes, "Connection") : default;
        var seen = 0UL;
        for (var i = 0; i < head.Count; i++)
        {
            var at = head[i];
            Field scratch = default;
            ref var field = ref i < Known ? ref _known[i] : ref scratch;
            Name(ref field, bytes.Slice(at.Name, at.NameLength));
            if (field.Ends || (connection.Count > 0 && HopFields.Nominates(connection, field.Name)))
                continue;
            if (field.IsLength)
            {
                // A 204 has no body, whatever it says (RFC 9110, 8.6).
                if (head.Status != StatusCodes.Status204NoContent)
                    response.ContentLength = head.Length;
                continue;
            }
            if (field.IsTrailer && !response.SupportsTrailers())
                continue;
            var value = Value(ref field, bytes.Slice(at.Value, at.ValueLength));
            // One bit for a few names each: set for the first time, there is no earlier field of this name.
            var bit = 1UL << ((at.NameLength * 7 + (field.Name[0] | 0x20) + (field.Name[^1] | 0x20)) & 63);
            response.Headers[field.Name] = (seen & bit) != 0 && HasEarlier(head, bytes, i) ? StringValues.Concat(response.Headers[field.Name], value) : value;
            seen |= bit;
        }
    }

    private static void Name(ref Field field, ReadOnlySpan<byte> name)
    {
        if (field.Name is not null && Ascii.Equals(name, field.Name))
            return;
        var text = Encoding.Latin1.GetString(name);
        field = new(text, HopFields.EndsResponse(text))
        {
            IsLength = text.Equals("Content-Length", StringComparison.OrdinalIgnoreCase),
            IsTrailer = text.Equals("Trailer", StringComparison.OrdinalIgnoreCase),
        };
    }

    private static string Value(ref Field field, ReadOnlySpan<byte> value)
    {
        if (field.Value is { } known && Ascii.Equals(value, known))
            return known;
        var text = Encoding.Latin1.GetString(value);
        field.Value = text.Length <= LongestKnown ? text : null;
        return text;
    }

    private static bool HasEarlier(Http1Head head, ReadOnlySpan<byte> bytes, int place)
    {
        var name = bytes.Slice(head[place].Name, head[place].NameLength);
        for (var i = 0; i < place; i++)
        {
            if (head[i].NameLength == name.Length && Ascii.EqualsIgnoreCase(bytes.Slice(head[i].Name, name.Length), name))
                return true;
        }
        return false;
    }

    private static StringValues Values(Http1Head head, ReadOnlySpan<byte> bytes, string name)
    {
        StringValues all = default;
        for (var i = 0; i < head.Count; i++)
        {
            if (head[i].NameLength == name.Length && Ascii.EqualsIgnoreCase(bytes.Slice(head[i].Name, name.Length), name))
                all = StringValues.Concat(all, Encoding.Latin1.GetString(bytes.Slice(head[i].Value, head[i].ValueLength)));
        }
        return all;
    }

    private record struct Field(string Name, bool Ends)
    {
        public bool IsLength { get; init; }

        public bool IsTrailer { get; init; }

        public string? Value { get; set; }
    }
}
