using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Weft.Messages;

/// <summary>Binary mode: attributes from headers (HTTP binding, section 3.1).</summary>
internal static class BinaryEventReader
{
    private const int OnStack = 256;

    public static bool TryReadAttributes<THeaders>(
        MessageBuilder builder, ReadOnlySpan<char> contentType, scoped ref THeaders headers, [NotNullWhen(false)] out EventError? error)
        where THeaders : IHeaderReader, allows ref struct
    {
        if (!contentType.IsEmpty && !TryAdd(builder, "datacontenttype"u8, contentType, isHeaderValue: false, out error))
            return false;
        var hasSpecVersion = false;
        Span<byte> name = stackalloc byte[AttributeRules.MaxNameLength + 1];
        while (headers.TryRead(out var header, out var value))
        {
            if (!header.StartsWith("ce-", StringComparison.OrdinalIgnoreCase))
                continue;
            var attribute = name[..ToLower(header[3..], name)];
            if (attribute.SequenceEqual("datacontenttype"u8))
                error = EventErrors.Invalid("datacontenttype", "ce-datacontenttype is a header; allowed is Content-Type, which is that attribute.");
            else if (attribute.SequenceEqual("specversion"u8))
                error = CheckSpecVersion(value, ref hasSpecVersion);
            else
                TryAdd(builder, attribute, value, isHeaderValue: true, out error);
            if (error is not null)
                return false;
        }
        error = hasSpecVersion ? null : EventErrors.MissingSpecVersion;
        return error is null;
    }

    private static EventError? CheckSpecVersion(ReadOnlySpan<char> value, ref bool seen)
    {
        if (seen)
            return EventErrors.Twice("specversion"u8);
        seen = true;
        value = value.Trim();
        return value is "1.0" or "\"1.0\"" ? null : EventErrors.BadSpecVersion(Encoding.UTF8.GetBytes(value.ToString()));
    }

    private static bool TryAdd(
        MessageBuilder builder, ReadOnlySpan<byte> name, ReadOnlySpan<char> value, bool isHeaderValue, [NotNullWhen(false)] out EventError? error)
    {
        var size = Encoding.UTF8.GetMaxByteCount(value.Length);
        var rented = size > OnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        var utf8 = rented ?? stackalloc byte[OnStack];
        try
        {
            var problem = isHeaderValue
                ? HeaderValue.Decode(value, utf8, out var length)
                : HeaderValue.Transcode(value.Trim(" \t"), utf8, out length);
            if (problem is null)
                return builder.TrySet(name, AttributeType.String, utf8[..length], out error);
            error = AttributeRules.IsName(name) ? EventErrors.BadValue(name, Encoding.UTF8.GetBytes(value.ToString()), problem) : EventErrors.BadName(name);
            return false;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Header names have no case. A name that is too long or not ASCII comes out as one that is refused.</summary>
    private static int ToLower(ReadOnlySpan<char> name, Span<byte> into)
    {
        var length = Math.Min(name.Length, into.Length);
        for (var i = 0; i < length; i++)
            into[i] = char.IsAscii(name[i]) ? (byte)char.ToLowerInvariant(name[i]) : (byte)'?';
        return length;
    }
}
