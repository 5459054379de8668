namespace Weft.Options.Schema;

/// <summary>What a node of a configuration tree is.</summary>
internal enum NodeKind
{
    Scalar,
    List,
    Map,
}

/// <summary>How a scalar was written.</summary>
internal enum NodeStyle
{
    /// <summary>Bare: may mean a number, a truth value or nothing.</summary>
    Plain,

    /// <summary>In quotes, as a block, or taken from a variable: always text.</summary>
    Text,
}

/// <summary>One value of a configuration tree with its place. Immutable; an alias makes it appear at several places of the tree.</summary>
internal sealed record Node(NodeKind Kind, OptionsPlace Place)
{
    /// <summary>The text of a scalar, with its variables filled in.</summary>
    public string Text { get; init; } = "";

    public NodeStyle Style { get; init; }

    /// <summary>The text as it stands in the file when variables were filled in, else null. Only this may be shown.</summary>
    public string? Written { get; init; }

    /// <summary>True when a variable that it needs is not set and that is allowed: the value is unknown and nothing is said about it.</summary>
    public bool IsHole { get; init; }

    public IReadOnlyList<Node> Items { get; init; } = [];

    public IReadOnlyList<Entry> Entries { get; init; } = [];

    /// <summary>True when nothing is said: <c>key:</c>, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => Kind == NodeKind.Scalar && Style == NodeStyle.Plain && Text is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>The kind, in words.</summary>
    public string Noun => Kind switch { NodeKind.List => "a list", NodeKind.Map => "a map", _ => "a single value" };

    public Entry? Find(string key)
    {
        foreach (var entry in Entries)
        {
            if (entry.Key.Text == key)
                return entry;
        }
        return null;
    }
}

/// <summary>A key of a map and its value.</summary>
internal sealed record Entry(Node Key, Node Value);
