using System.Text;
using Weft.Expressions.Planning;

namespace Weft.AspNetCore.ApiGateway.Transforms;

/// <summary>Sets and takes out names of a query; what it does not name stays as it was written, byte for byte and in its order.</summary>
internal sealed class QueryEdit(IEnumerable<(string Name, Plan? Value)> changes)
{
    private readonly (string Name, string Written, Plan? Value)[] _changes = [.. changes.Select(c => (c.Name, Uri.EscapeDataString(c.Name), c.Value))];

    /// <summary>Changes a query.</summary>
    /// <param name="query">Without its question mark.</param>
    /// <param name="valueOf">Gives the escaped text of a value; null or empty for none.</param>
    public string Apply(string query, Func<Plan, string?> valueOf)
    {
        var text = new StringBuilder();
        foreach (var part in query.AsSpan().Split('&'))
        {
            var pair = query.AsSpan(part);
            if (pair.IsEmpty || IsChanged(pair))
                continue;
            Begin(text).Append(pair);
        }
        foreach (var (_, written, value) in _changes)
        {
            if (value is not null && valueOf(value) is { Length: > 0 } set)
                Begin(text).Append(written).Append('=').Append(set);
        }
        return text.ToString();
    }

    private static StringBuilder Begin(StringBuilder text) => text.Length == 0 ? text : text.Append('&');

    // A name may be escaped where it need not be, and services read it all the same.
    private bool IsChanged(ReadOnlySpan<char> pair)
    {
        var end = pair.IndexOf('=');
        var name = Uri.UnescapeDataString((end < 0 ? pair : pair[..end]).ToString().Replace('+', ' '));
        return Array.Exists(_changes, c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }
}
