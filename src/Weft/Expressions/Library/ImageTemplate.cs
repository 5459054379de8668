using System.Buffers;
using System.Text;

namespace Weft.Expressions.Library;

/// <summary>Makes the address of an image at a service that scales images, from a text with the holes <c>{url}</c> and <c>{size}</c>.</summary>
internal sealed class ImageTemplate
{
    // What stands for itself in RFC 3986, section 2.3; everything else is escaped, so that no value can leave its place.
    private static readonly SearchValues<byte> s_plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8);

    private readonly List<(byte[] Before, bool IsUrl)> _holes = [];
    private readonly byte[] _end;

    public ImageTemplate(string template)
    {
        var rest = template.AsSpan();
        while (true)
        {
            int url = rest.IndexOf("{url}"), size = rest.IndexOf("{size}");
            if (url < 0 && size < 0)
                break;
            var isUrl = url >= 0 && (size < 0 || url < size);
            var at = isUrl ? url : size;
            _holes.Add((Utf8(rest[..at]), isUrl));
            rest = rest[(at + (isUrl ? "{url}" : "{size}").Length)..];
        }
        _end = Utf8(rest);
    }

    public CelValue Fill(Frame frame, in CelValue url, in CelValue size)
    {
        if (size.IsError)
            return size;
        if (!frame.TryWalk(url.AsSpan.Length + size.AsSpan.Length))
            return frame.Stopped();
        var address = new TextBuilder(frame.Arena, 128 + url.AsSpan.Length);
        foreach (var (before, isUrl) in _holes)
        {
            address.Append(before);
            AppendEscaped(ref address, isUrl ? url.AsSpan : size.AsSpan);
        }
        address.Append(_end);
        return address.ToValue();
    }

    private static void AppendEscaped(ref TextBuilder address, ReadOnlySpan<byte> value)
    {
        foreach (var unit in value)
        {
            if (s_plain.Contains(unit))
            {
                address.Append(unit);
                continue;
            }
            address.Append((byte)'%');
            address.Append(NumberText.Digit(unit >> 4, isUpper: true));
            address.Append(NumberText.Digit(unit & 0xF, isUpper: true));
        }
    }

    private static byte[] Utf8(ReadOnlySpan<char> text)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        return utf8;
    }
}
