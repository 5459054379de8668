using Weft.Messages;

namespace Weft.Tests.Messages;

/// <summary>Headers as a test writes them down; reads and writes.</summary>
internal sealed class HeaderList : IHeaderReader, IHeaderWriter
{
    private readonly List<(string Name, string Value)> _headers = [];
    private int _next;

    public HeaderList(params (string Name, string Value)[] headers) => _headers.AddRange(headers);

    public string? ContentType => _headers.LastOrDefault(h => h.Name == "Content-Type").Value;

    public IEnumerable<(string Name, string Value)> All => _headers;

    public string? this[string name] => _headers.SingleOrDefault(h => h.Name == name).Value;

    public void Add(string name, string value) => _headers.Add((name, value));

    public void Rewind() => _next = 0;

    public bool TryRead(out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        if (_next == _headers.Count)
        {
            name = value = default;
            return false;
        }
        name = _headers[_next].Name;
        value = _headers[_next++].Value;
        return true;
    }
}
