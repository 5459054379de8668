using System.Text;

namespace Weft.Sqlite.Native;

/// <summary>A compiled statement. Parameters count from 1, columns from 0.</summary>
internal sealed unsafe class Statement(Connection connection, nint handle) : IDisposable
{
    private static readonly nint s_static = 0, s_transient = -1;

    public Statement Bind(int index, long value)
    {
        Check(Sqlite3.BindInt64(handle, index, value));
        return this;
    }

    /// <summary>Binds a blob in place: the bytes must stay where they are until the statement has run. Nothing is null.</summary>
    public Statement BindInPlace(int index, byte* value, int length)
    {
        Check(Sqlite3.BindBlob(handle, index, value, length, s_static));
        return this;
    }

    /// <summary>Binds a copy of a blob. An empty one is null.</summary>
    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        fixed (byte* start = value)
            Check(Sqlite3.BindBlob(handle, index, start, value.Length, s_transient));
        return this;
    }

    public Statement Bind(int index, string? value)
    {
        if (value is null)
            return Bind(index, default(ReadOnlySpan<byte>));
        var bytes = Encoding.UTF8.GetBytes(value + '\0'); // A pointer to something, also for the empty string.
        fixed (byte* start = bytes)
            Check(Sqlite3.BindText(handle, index, start, bytes.Length - 1, s_transient));
        return this;
    }

    /// <summary>Goes to the next row. False at the end; the statement can be bound anew then.</summary>
    public bool Step()
    {
        int code = Sqlite3.Step(handle);
        if (code == ResultCode.Row)
            return true;
        Finish(code);
        return false;
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Run() => Finish(Sqlite3.Step(handle));

    /// <summary>Ends a query before its last row, and with it the snapshot that it reads.</summary>
    public void Reset() => _ = Sqlite3.Reset(handle);

    public long Int64(int column) => Sqlite3.ColumnInt64(handle, column);

    /// <summary>The bytes of a blob or text, valid until the next step; empty for null.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        byte* start = Sqlite3.ColumnBlob(handle, column);
        return new(start, start is null ? 0 : Sqlite3.ColumnBytes(handle, column));
    }

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public string? TextOrNull(int column) => Sqlite3.ColumnType(handle, column) == ResultCode.NullType ? null : Text(column);

    public void Dispose() => _ = Sqlite3.Complete(handle);

    private void Finish(int code)
    {
        var error = code == ResultCode.Done ? null : connection.Error(code);
        Reset();
        if (error is not null)
            throw error;
    }

    private void Check(int code)
    {
        if (code != ResultCode.Ok)
            throw connection.Error(code);
    }
}
