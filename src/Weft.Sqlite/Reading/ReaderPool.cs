using Weft.Sqlite.Native;

namespace Weft.Sqlite.Reading;

/// <summary>Reading connections. A few are kept; more are opened when all are busy, and closed again.</summary>
internal sealed class ReaderPool(Func<Connection> open) : IDisposable
{
    private const int Kept = 4;

    private readonly Stack<Reader> _free = new();
    private bool _closed;

    /// <summary>Lends a reader until the loan is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The store was closed.</exception>
    public Loan Rent()
    {
        lock (_free)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(SqliteMessageLog));
            if (_free.TryPop(out var reader))
                return new Loan(this, reader);
        }
        return new Loan(this, new Reader(open()));
    }

    public void Dispose()
    {
        lock (_free)
        {
            _closed = true;
            while (_free.TryPop(out var reader))
                reader.Dispose();
        }
    }

    private void Return(Reader reader)
    {
        lock (_free)
        {
            if (!_closed && _free.Count < Kept)
            {
                _free.Push(reader);
                return;
            }
        }
        reader.Dispose();
    }

    /// <summary>A reader that was lent.</summary>
    internal readonly struct Loan(ReaderPool pool, Reader reader) : IDisposable
    {
        public Reader Value => reader;

        public void Dispose() => pool.Return(reader);
    }
}
