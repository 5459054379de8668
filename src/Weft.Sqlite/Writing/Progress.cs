using Weft.Flows;

namespace Weft.Sqlite.Writing;

/// <summary>
/// The settled positions of an open subscription: those of committed transactions, and those of the one that is being written.
/// For the writer's thread alone.
/// </summary>
internal sealed class Progress
{
    private CursorTracker _tracker;
    private long _keptLow;
    private byte[] _kept, _written = new byte[64];
    private int _keptLength, _writtenLength;

    public Progress(in Cursor cursor)
    {
        _tracker = new CursorTracker(cursor);
        _keptLow = cursor.Low;
        _kept = cursor.Above.ToArray();
        _keptLength = _kept.Length;
    }

    /// <summary>Everything up to here is settled.</summary>
    public long Low => _tracker.Low;

    public void Settle(long position) => _tracker.Settle(position);

    /// <summary>What is settled above <see cref="Low"/>, in the form in which it is stored. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Write()
    {
        _writtenLength = _tracker.AboveLength;
        if (_written.Length < _writtenLength)
            _written = new byte[_writtenLength * 2];
        _tracker.WriteAbove(_written);
        return _written.AsSpan(0, _writtenLength);
    }

    /// <summary>The transaction is committed: what was written last is what holds.</summary>
    public void Keep()
    {
        _keptLow = Low;
        (_kept, _written) = (_written, _kept);
        _keptLength = _writtenLength;
    }

    /// <summary>The transaction has failed: back to what holds.</summary>
    public void Restore() => _tracker = new CursorTracker(new Cursor(_keptLow, _kept.AsMemory(0, _keptLength)));
}
