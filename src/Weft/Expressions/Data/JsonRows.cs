using System.Text;

namespace Weft.Expressions.Data;

/// <summary>
/// What the loops over one input read of its items, for reading it in the same pass as the input itself, so that no round of a loop has to look
/// for it in the text again. The rows are one list: the width of a row, then for each item the item itself and its fields. A field that is not
/// there, and one that cannot be read, has no value; the loop then looks into the item, which gives the error.
/// </summary>
/// <param name="slot">The input, once all expressions are planned.</param>
internal sealed class JsonRows(SlotPath slot)
{
    /// <summary>How many values are kept of one list. Of a longer one nothing is: its items are read one by one by the loop.</summary>
    public const int MaxValues = 8192;

    private readonly byte[][] _columns = [.. slot.Columns.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The number of the input.</summary>
    public int Slot => slot.Number;

    /// <summary>How many values a row has.</summary>
    public int Width => _columns.Length + 1;

    /// <summary>The place in the row of a field as its name stands between its quotes; 0 when it is not asked for.</summary>
    public int Find(ReadOnlySpan<byte> name, bool isPlain)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            if (isPlain ? name.SequenceEqual(_columns[i]) : MapReader.IsName(name, _columns[i]))
                return i + 1;
        }
        return 0;
    }
}
