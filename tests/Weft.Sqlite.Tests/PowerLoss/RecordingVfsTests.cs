using SQLitePCL;

namespace Weft.Sqlite.Tests.PowerLoss;

/// <summary>Shows with plain SQLite that the disk keeps what was synced and loses the rest.</summary>
public sealed class RecordingVfsTests
{
    private const string Path = "/disk/plain.db";

    [Theory]
    [InlineData("delete", "extra", 10)]
    [InlineData("delete", "full", 9)] // As SQLite documents: the end of the last rollback journal is not synced, which takes the last commit back.
    [InlineData("wal", "full", 10)]
    [InlineData("delete", "off", null)]
    [InlineData("wal", "off", null)]
    public void Commits_survive_a_loss_of_power_when_they_were_synced(string journal, string synchronous, int? rows)
    {
        var disk = new Disk();
        using (var vfs = new RecordingVfs(disk))
        {
            using var db = new Database(vfs, $"pragma journal_mode={journal}; pragma synchronous={synchronous}; create table t(x)");
            for (int i = 0; i < 10; i++)
                db.Execute($"insert into t values({i})");
            Assert.Equal("10", db.Query("select count(*) from t"));
            disk.CutPower();
        }

        var after = disk.AfterPowerLoss();
        using var again = new RecordingVfs(after);
        using var found = new Database(again, "");
        Assert.Equal("ok", found.Query("pragma integrity_check"));
        string expected = rows is null ? "0" : "1";
        Assert.Equal(expected, found.Query("select count(*) from sqlite_schema"));
        if (rows is not null)
            Assert.Equal(rows.Value.ToString(System.Globalization.CultureInfo.InvariantCulture), found.Query("select count(*) from t"));
    }

    [Fact]
    public void Power_cut_at_every_single_change_never_loses_a_commit_that_returned()
    {
        foreach (string journal in new[] { "delete", "wal" })
        {
            bool finished = false;
            for (int at = 1; !finished; at++)
            {
                foreach (int? seed in new int?[] { null, at })
                    finished = CutAt(at, journal, seed);
            }
        }
    }

    private static bool CutAt(int change, string journal, int? seed)
    {
        var disk = new Disk();
        int returned = 0;
        bool finished = false;
        disk.CutPowerIn(change);
        using (var vfs = new RecordingVfs(disk))
        {
            try
            {
                using var db = new Database(vfs, $"pragma journal_mode={journal}; pragma synchronous=extra; create table t(x)");
                for (int i = 0; i < 5; i++)
                {
                    db.Execute($"insert into t values({i})");
                    returned++;
                }
                db.Execute("pragma wal_checkpoint(truncate)");
                finished = disk.HasPower;
            }
            catch (InvalidOperationException)
            {
                // The power is gone.
            }
        }

        using var again = new RecordingVfs(disk.AfterPowerLoss(seed is null ? null : new Random(seed.Value)));
        using var found = new Database(again, "create table if not exists t(x)");
        Assert.Equal("ok", found.Query("pragma integrity_check"));
        int rows = int.Parse(found.Query("select count(*) from t"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(rows, returned, returned + 1);
        return finished;
    }

    [Fact]
    public void Connections_share_locks_and_the_index_of_the_log()
    {
        using var vfs = new RecordingVfs(new Disk());
        using var one = new Database(vfs, "pragma journal_mode=wal; create table t(x)");
        using var two = new Database(vfs, "");
        one.Execute("begin immediate; insert into t values(1)");
        Assert.Throws<InvalidOperationException>(() => two.Execute("begin immediate"));
        Assert.Equal("0", two.Query("select count(*) from t"));
        one.Execute("commit");
        Assert.Equal("1", two.Query("select count(*) from t"));
        two.Execute("insert into t values(2)");
        Assert.Equal("2", one.Query("select count(*) from t"));
    }

    /// <summary>A connection to plain SQLite.</summary>
    private sealed class Database : IDisposable
    {
        private readonly sqlite3 _db;

        static Database() => Batteries_V2.Init();

        public Database(RecordingVfs vfs, string sql)
        {
            int code = raw.sqlite3_open_v2(Path, out _db, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, vfs.Name);
            try
            {
                Check(code);
                Execute(sql);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public void Execute(string sql) => Check(raw.sqlite3_exec(_db, sql));

        public string Query(string sql)
        {
            Check(raw.sqlite3_prepare_v2(_db, sql, out var statement));
            using (statement)
            {
                Assert.Equal(raw.SQLITE_ROW, raw.sqlite3_step(statement));
                return raw.sqlite3_column_text(statement, 0).utf8_to_string();
            }
        }

        public void Dispose() => _db.manual_close_v2();

        private void Check(int code)
        {
            if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
                throw new InvalidOperationException($"{code}: {raw.sqlite3_errmsg(_db).utf8_to_string()}");
        }
    }
}
