using Weft.Options;
using Weft.Options.Schema;

namespace Weft.Yaml.Reading;

/// <summary>Finds where in the files a path of the options stands.</summary>
internal sealed class Locator(Node root)
{
    /// <summary>The place of a part of the value; of all of it where file and value differ, because a variable was filled in.</summary>
    public OptionsPlace Place(OptionsPath path, TextStretch? stretch, SourceFiles sources) =>
        stretch is not null && Find(path) is { IsExact: true, Node: { Kind: NodeKind.Scalar } node }
            ? ScalarPlace.Of(node.Place, node.Text, stretch.Start, stretch.Length, sources)
            : Place(path);

    /// <summary>The place of the value, or of the nearest thing around it that is written.</summary>
    public OptionsPlace Place(OptionsPath path)
    {
        var (node, key, _) = Find(path);
        var place = node.Kind == NodeKind.Scalar && !node.IsNull ? node.Place : key?.Place ?? node.Place;
        // The end of a collection may be far away.
        return place.EndLine == place.Line && (key is not null || node.Kind == NodeKind.Scalar) ? place : place with { EndLine = place.Line, EndColumn = place.Column + 1 };
    }

    /// <summary>The place of the value that is written for exactly these keys; null when none is.</summary>
    public OptionsPlace? Exact(IReadOnlyList<string> keys)
    {
        var node = root;
        foreach (var key in keys)
        {
            if (node.Find(key) is not { } entry)
                return null;
            node = entry.Value;
        }
        return node.IsNull ? null : node.Place;
    }

    /// <summary>The value as it stands in the file, when variables were filled in; else null.</summary>
    public string? Written(OptionsPath path) => Find(path) is { IsExact: true, Node: var node } ? node.Written : null;

    private (Node Node, Node? Key, bool IsExact) Find(OptionsPath path)
    {
        var node = root;
        Node? key = null;
        foreach (var step in path.Steps())
        {
            if (step.Index >= 0 && step.Index < node.Items.Count)
                (node, key) = (node.Items[step.Index], null);
            else if (step.Index < 0 && node.Find(step.Name) is { } entry)
                (node, key) = (entry.Value, entry.Key);
            else
                // A value in short form stands for the key that has no place of its own.
                return (node, key, node.Kind == NodeKind.Scalar);
        }
        return (node, key, true);
    }
}
