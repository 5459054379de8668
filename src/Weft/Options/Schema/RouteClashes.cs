namespace Weft.Options.Schema;

/// <summary>Finds routes of which nothing says which one gets a request that both take.</summary>
internal static class RouteClashes
{
    /// <summary>Each route that clashes with one before it, and that one.</summary>
    /// <param name="routes">The routes in use, in their order.</param>
    public static IEnumerable<(string Name, string Other)> Find(IEnumerable<KeyValuePair<string, RouteOptions>> routes)
    {
        // Only those of one shape, host and priority can: everything else is decided by routing.
        foreach (var alike in routes.Where(r => r.Value.Match.Path.Length > 0).GroupBy(r => (Shape(r.Value.Match.Path), r.Value.Match.Host?.ToLowerInvariant(), r.Value.Priority)))
        {
            var before = new List<KeyValuePair<string, RouteOptions>>();
            foreach (var route in alike)
            {
                var other = before.Find(b => Clash(b.Value.Match, route.Value.Match));
                if (other.Key is not null)
                    yield return (route.Key, other.Key);
                before.Add(route);
            }
        }
    }

    private static bool Clash(MatchOptions one, MatchOptions other) =>
        (one.Methods.Count == 0 || other.Methods.Count == 0 || one.Methods.Intersect(other.Methods, StringComparer.OrdinalIgnoreCase).Any())
        && Count(one) == Count(other)
        && !Exclude(one.Headers, other.Headers, StringComparer.OrdinalIgnoreCase)
        && !Exclude(one.Query, other.Query, StringComparer.OrdinalIgnoreCase);

    // Of two routes that take a request, the one with more conditions gets it.
    private static int Count(MatchOptions match) => match.Headers.Count + match.Query.Count + (match.When is null ? 0 : 1);

    // Whether no request can fulfil both, since they want other values of one name.
    private static bool Exclude(OptionsMap<string> one, OptionsMap<string> other, StringComparer names) =>
        one.Any(o => other.Any(t => names.Equals(o.Key, t.Key) && Differ(o.Value, t.Value)));

    private static bool Differ(string one, string other) => (one.EndsWith('*'), other.EndsWith('*')) switch
    {
        (false, false) => one != other,
        (true, false) => !other.StartsWith(one[..^1], StringComparison.Ordinal),
        (false, true) => !one.StartsWith(other[..^1], StringComparison.Ordinal),
        _ => !one.StartsWith(other[..^1], StringComparison.Ordinal) && !other.StartsWith(one[..^1], StringComparison.Ordinal),
    };

    private static string Shape(string path) => string.Join('/', path.Trim('/').ToLowerInvariant().Split('/').Select(s =>
        s.StartsWith("{**", StringComparison.Ordinal) ? "{**}" : s.StartsWith('{') ? "{}" : s));
}
