using System.Text;

namespace Weft.Expressions.Data;

/// <summary>The headers of a request as a whole: names are found without regard to case (RFC 9110, section 5.1).</summary>
internal sealed class HeaderMap(IEnumerable<KeyValuePair<string, string>> headers) : CelMap
{
    private readonly KeyValuePair<CelValue, CelValue>[] _entries = [.. headers.Select(h => KeyValuePair.Create(CelValue.Of(h.Key), CelValue.Of(h.Value)))];

    public override int Count => _entries.Length;

    public override KeyValuePair<CelValue, CelValue> Entry(int index) => _entries[index];

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        foreach (var entry in _entries)
        {
            if (key.Kind != CelKind.String || !Ascii.EqualsIgnoreCase(entry.Key.AsSpan, key.AsSpan))
                continue;
            value = entry.Value;
            return true;
        }
        value = default;
        return false;
    }
}
