namespace Weft.Expressions.Library;

/// <summary>A part of a regular expression of RE2.</summary>
internal abstract record Re2Node
{
    /// <summary>How often the counted repetitions in it repeat something at most, multiplied where they are nested.</summary>
    public virtual int Repeats => 1;
}

/// <summary>One code point of a set.</summary>
internal sealed record Re2Set(CodePointSet Set) : Re2Node;

/// <summary>One after the other; nothing when there are none.</summary>
internal sealed record Re2Sequence(Re2Node[] Items) : Re2Node
{
    public override int Repeats => Items.Length == 0 ? 1 : Items.Max(i => i.Repeats);
}

/// <summary>One or the other, the first preferred.</summary>
internal sealed record Re2Choice(Re2Node[] Items) : Re2Node
{
    public override int Repeats => Items.Max(i => i.Repeats);
}

/// <summary>Something several times.</summary>
/// <param name="Item">What.</param>
/// <param name="Min">At least so often.</param>
/// <param name="Max">At most so often; null for without limit.</param>
/// <param name="IsLazy">Whether fewer are preferred.</param>
internal sealed record Re2Repeat(Re2Node Item, int Min, int? Max, bool IsLazy) : Re2Node
{
    /// <summary>How many copies of the item it stands for.</summary>
    public int Copies => Max ?? Math.Max(Min, 1);

    public override int Repeats => Copies * Item.Repeats;
}

/// <summary>A group whose text is remembered.</summary>
internal sealed record Re2Group(Re2Node Item) : Re2Node
{
    public override int Repeats => Item.Repeats;
}

/// <summary>A place rather than a text.</summary>
internal sealed record Re2Place(Re2PlaceKind Kind) : Re2Node;

internal enum Re2PlaceKind : byte
{
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordBoundary,
    NoWordBoundary,
}
