using System.Runtime.InteropServices;
using System.Text;
using Weft.Flows;

namespace Weft.Sqlite.Native;

/// <summary>A connection to the database file. Used by one thread at a time.</summary>
internal sealed unsafe class Connection : IDisposable
{
    private const int OpenReadWrite = 0x2, OpenCreate = 0x4, OpenNoMutex = 0x8000;
    private const int LimitLength = 0;
    private const uint PreparePersistent = 1;

    private readonly string _path;
    private nint _db;

    private Connection(string path, nint db)
    {
        _path = path;
        _db = db;
    }

    /// <summary>Opens the file, and creates it when there is none.</summary>
    /// <param name="path">A full path. It is taken literally: URIs are not switched on, so no character of a name means anything.</param>
    /// <param name="vfs">The virtual file system of SQLite to use; null for that of the operating system.</param>
    /// <param name="busyTimeout">How long to wait for another program that has the database locked.</param>
    public static Connection Open(string path, string? vfs, TimeSpan busyTimeout)
    {
        nint db;
        int code;
        fixed (byte* name = Terminated(path), vfsName = vfs is null ? null : Terminated(vfs))
            code = Sqlite3.Open(name, &db, OpenReadWrite | OpenCreate | OpenNoMutex, vfsName);
        var connection = new Connection(path, db);
        if (code != ResultCode.Ok)
        {
            var error = connection.Error(code);
            connection.Dispose();
            throw error;
        }
        _ = Sqlite3.BusyTimeout(db, (int)busyTimeout.TotalMilliseconds);
        return connection;
    }

    /// <summary>Whether the file could be opened for reading only.</summary>
    public bool IsReadOnly
    {
        get
        {
            fixed (byte* main = "main\0"u8)
                return Sqlite3.IsReadOnly(_db, main) == 1;
        }
    }

    /// <summary>Whether a transaction is open. SQLite ends one by itself after some errors.</summary>
    public bool InTransaction => Sqlite3.GetAutoCommit(_db) == 0;

    /// <summary>How many rows the last statement changed.</summary>
    public int Changes => Sqlite3.Changes(_db);

    /// <summary>The most bytes that a row can have.</summary>
    public int MaxRowBytes => Sqlite3.Limit(_db, LimitLength, -1);

    /// <summary>Compiles one statement. It lives until the connection is disposed.</summary>
    public Statement Prepare(string sql)
    {
        nint statement;
        fixed (byte* text = Terminated(sql))
            Check(Sqlite3.Prepare(_db, text, -1, PreparePersistent, &statement, null));
        return new Statement(this, statement);
    }

    /// <summary>Runs one or more statements.</summary>
    public void Execute(string sql) => Execute(Terminated(sql));

    /// <summary>Runs one or more statements in UTF-8 that end with a zero.</summary>
    public void Execute(ReadOnlySpan<byte> sql)
    {
        fixed (byte* text = sql)
        {
            byte* rest = text;
            while (*rest != 0)
            {
                nint handle;
                Check(Sqlite3.Prepare(_db, rest, -1, 0, &handle, &rest));
                if (handle == 0)
                    break;
                using var statement = new Statement(this, handle);
                while (statement.Step())
                {
                    // Pragmas answer with rows that nobody needs.
                }
            }
        }
    }

    /// <summary>Runs a query and gives the first column of its first row; 0 when there is no row.</summary>
    public long QueryInt64(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>The exception for a result code, with what SQLite says about it.</summary>
    public LogException Error(int code)
    {
        string detail = _db == 0 ? "" : Marshal.PtrToStringUTF8((nint)Sqlite3.ErrorMessage(_db)) ?? "";
        return SqliteErrors.FromResult(_path, _db == 0 ? code : Sqlite3.ExtendedErrorCode(_db), detail);
    }

    public void Dispose()
    {
        nint db = Interlocked.Exchange(ref _db, 0);
        if (db == 0)
            return;
        for (nint statement; (statement = Sqlite3.NextStatement(db, 0)) != 0;)
            _ = Sqlite3.Complete(statement);
        _ = Sqlite3.Close(db);
    }

    private void Check(int code)
    {
        if (code != ResultCode.Ok)
            throw Error(code);
    }

    private static byte[] Terminated(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
