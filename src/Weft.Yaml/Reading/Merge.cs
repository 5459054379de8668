using Weft.Diagnostics;
using Weft.Options;
using Weft.Options.Schema;

namespace Weft.Yaml.Reading;

/// <summary>Makes one tree of two: side by side for <c>include</c>, one over the other for overlays.</summary>
internal static class Merge
{
    /// <summary>
    /// Both trees together. Sections with fixed keys join key by key; what has a name, or is a value, may be said in one of the two only.
    /// </summary>
    public static Node Include(Node into, Node added, Shape shape, OptionsPath path, List<OptionsProblem> problems)
    {
        var entries = new List<Entry>(into.Entries);
        foreach (var entry in added.Entries)
        {
            var at = path.Key(entry.Key.Text);
            var index = entries.FindIndex(e => e.Key.Text == entry.Key.Text);
            if (index < 0)
            {
                entries.Add(entry);
                continue;
            }
            var known = entries[index];
            // Below the top, a map has names or is a value of a section: only maps of names and sections of the top are joined.
            var below = shape.IsMap ? null : shape.Below?.Keys.FirstOrDefault(k => k.Name == entry.Key.Text)?.Shape;
            if (below is not null && (below.IsMap || below.Below is not null) && known.Value.Kind == NodeKind.Map && entry.Value.Kind == NodeKind.Map)
                entries[index] = known with { Value = Include(known.Value, entry.Value, below, at, problems) };
            else if (!entry.Value.IsNull || !known.Value.IsNull)
                problems.Add(new(ProblemCodes.DefinedTwice, at.ToString(), null, $"{at} is defined here and at {known.Key.Place}. Keep one; to change a value for one environment, lay a file over it with -f.") { Place = entry.Key.Place });
        }
        return into with { Entries = entries };
    }

    /// <summary>The tree with another one laid over it: maps leaf by leaf, everything else replaced whole.</summary>
    public static Node Over(Node below, Node above)
    {
        if (below.Kind != NodeKind.Map || above.Kind != NodeKind.Map)
            return above;
        var entries = new List<Entry>(below.Entries);
        foreach (var entry in above.Entries)
        {
            var index = entries.FindIndex(e => e.Key.Text == entry.Key.Text);
            if (index < 0)
                entries.Add(entry);
            else
                entries[index] = new(entry.Key, Over(entries[index].Value, entry.Value));
        }
        return below with { Entries = entries };
    }
}
