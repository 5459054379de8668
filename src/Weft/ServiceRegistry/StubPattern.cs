namespace Weft.ServiceRegistry;

/// <summary>A path of a stub: literal segments, <c>{name}</c> for one segment, <c>{**name}</c> at the end for all that follow.</summary>
internal sealed class StubPattern
{
    private readonly string[] _segments;
    private readonly bool _open;
    private readonly string _rest = "";

    public StubPattern(string path)
    {
        _segments = path.Trim('/').Split('/');
        _open = _segments[^1].StartsWith("{**", StringComparison.Ordinal);
        if (_open)
            (_rest, _segments) = (_segments[^1][3..^1], _segments[..^1]);
        Rank = string.Concat(_segments.Select(s => IsHole(s) ? '1' : '0')) + (_open ? '3' : '2');
    }

    /// <summary>Sorts ordinally: what says more comes first.</summary>
    public string Rank { get; }

    /// <summary>Whether a path without its query matches; letters compare as they are.</summary>
    public bool Matches(ReadOnlySpan<char> path)
    {
        path = path.Trim('/');
        var count = 0;
        foreach (var range in path.Split('/'))
        {
            if (count == _segments.Length)
                return _open;
            var expected = _segments[count++];
            if (!IsHole(expected) && !path[range].SequenceEqual(expected))
                return false;
        }
        return count == _segments.Length;
    }

    /// <summary>What a hole stands for in a path that matches, decoded; null when there is no such hole.</summary>
    public string? Value(string path, string name)
    {
        var segments = path.Trim('/').Split('/');
        if (_open && name == _rest)
            return Uri.UnescapeDataString(string.Join('/', segments.Skip(_segments.Length)));
        var index = Array.IndexOf(_segments, $"{{{name}}}");
        return index < 0 || index >= segments.Length ? null : Uri.UnescapeDataString(segments[index]);
    }

    /// <summary>The names of the holes.</summary>
    public IEnumerable<string> Names => _segments.Where(IsHole).Select(s => s[1..^1]).Concat(_open ? [_rest] : []);

    private static bool IsHole(string segment) => segment.StartsWith('{') && segment.EndsWith('}');
}
