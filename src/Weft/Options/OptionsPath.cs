using System.Globalization;

namespace Weft.Options;

/// <summary>The way from the top of the options to one value: keys, names and positions in lists.</summary>
internal sealed class OptionsPath
{
    private OptionsPath(OptionsPath? parent, string name, int index)
    {
        Parent = parent;
        Name = name;
        Index = index;
    }

    /// <summary>The whole.</summary>
    public static OptionsPath Root { get; } = new(null, "", -1);

    /// <summary>One step up; null for the whole.</summary>
    public OptionsPath? Parent { get; }

    /// <summary>The last key or name; empty for a position in a list.</summary>
    public string Name { get; }

    /// <summary>The last position in a list, from 0; -1 for a key or name.</summary>
    public int Index { get; }

    public OptionsPath Key(string name) => new(this, name, -1);

    public OptionsPath Item(int index) => new(this, "", index);

    /// <summary>From the top to here.</summary>
    public IEnumerable<OptionsPath> Steps()
    {
        var steps = new Stack<OptionsPath>();
        for (var step = this; step.Parent is not null; step = step.Parent)
            steps.Push(step);
        return steps;
    }

    /// <summary>True when <paramref name="text"/>, a path, is this path or below it.</summary>
    public static bool IsAtOrBelow(string text, string ancestor) =>
        ancestor.Length == 0 || (text.StartsWith(ancestor, StringComparison.Ordinal) && (text.Length == ancestor.Length || text[ancestor.Length] is '.' or '['));

    /// <summary><c>services.orders.endpoints[0].url</c>; names that are no plain word stand quoted in brackets.</summary>
    public override string ToString()
    {
        if (Parent is null)
            return "";
        if (Index >= 0)
            return string.Create(CultureInfo.InvariantCulture, $"{Parent}[{Index}]");
        if (Name.Length == 0 || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            return $"{Parent}[\"{Schema.DisplayText.Of(Name)}\"]";
        return Parent.Parent is null ? Name : $"{Parent}.{Name}";
    }
}
