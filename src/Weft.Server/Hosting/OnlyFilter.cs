using Weft.Options;

namespace Weft.Server.Hosting;

/// <summary>Switches off the routes and subscriptions that <c>--only</c> does not name, so that one file can be split over processes.</summary>
internal sealed class OnlyFilter
{
    private static readonly string[] Sections = ["routes", "subscriptions"];

    private readonly (string Section, string? Name)[] _wanted;

    /// <param name="names"><c>routes</c>, <c>subscriptions</c>, <c>routes.NAME</c> or <c>subscriptions.NAME</c>; none to keep everything.</param>
    public OnlyFilter(IEnumerable<string> names)
    {
        var given = names.ToArray();
        // An unset variable of a shell must not start everything.
        if (given.Any(n => n.AsSpan().Trim([',', ' ']).IsEmpty))
            throw CommandException.Usage("--only is empty; it takes routes, subscriptions, routes.NAME or subscriptions.NAME. Leave it out to run everything.");
        _wanted = [.. given.SelectMany(n => n.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Select(Parse)];
    }

    /// <summary>The options with the rest switched off.</summary>
    /// <exception cref="CommandException">A name is not in the options; a usage error.</exception>
    public WeftOptions Apply(WeftOptions options)
    {
        if (_wanted.Length == 0)
            return options;
        foreach (var (section, name) in _wanted)
        {
            var known = section == "routes" ? options.Routes.Keys : options.Subscriptions.Keys;
            if (name is not null && !known.Contains(name))
                throw CommandException.Usage($"--only names {section}.{name}, which is not in the file. The file has these {section}: {string.Join(", ", known)}.");
        }
        return options with
        {
            Routes = [.. options.Routes.Select(r => KeyValuePair.Create(r.Key, Keeps("routes", r.Key) ? r.Value : r.Value with { Enabled = false }))],
            Subscriptions = [.. options.Subscriptions.Select(s => KeyValuePair.Create(s.Key, Keeps("subscriptions", s.Key) ? s.Value : s.Value with { Enabled = false }))],
        };
    }

    private bool Keeps(string section, string name) => _wanted.Any(w => w.Section == section && (w.Name is null || w.Name == name));

    private static (string Section, string? Name) Parse(string text)
    {
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        string section = dot < 0 ? text : text[..dot];
        if (!Sections.Contains(section))
            throw CommandException.Usage($"--only names '{text}'; allowed are routes, subscriptions, routes.NAME and subscriptions.NAME.");
        return (section, dot < 0 ? null : text[(dot + 1)..]);
    }
}
