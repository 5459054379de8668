using Weft.Flows;

namespace Weft.Postgres.Writing;

/// <summary>The settled positions of an open subscription: those of committed transactions, and those of the one that is being written. For one writer alone.</summary>
internal sealed class Progress(Cursor cursor)
{
    private CursorTracker _tracker = new(cursor);
    private Cursor _kept = cursor;
    private Cursor? _written;

    public void Settle(long position) => _tracker.Settle(position);

    /// <summary>The cursor as it is stored by the transaction.</summary>
    public (long Low, byte[]? Above) ToWrite()
    {
        var above = _tracker.AboveLength == 0 ? null : new byte[_tracker.AboveLength];
        if (above is not null)
            _tracker.WriteAbove(above);
        _written = new Cursor(_tracker.Low, above);
        return (_tracker.Low, above);
    }

    /// <summary>The transaction is committed: what was written is what holds.</summary>
    public void Keep()
    {
        _kept = _written ?? _kept;
        _written = null;
    }

    /// <summary>The transaction has failed: back to what holds.</summary>
    public void Restore()
    {
        _tracker = new CursorTracker(_kept);
        _written = null;
    }
}
