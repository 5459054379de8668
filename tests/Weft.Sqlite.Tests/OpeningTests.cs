using Weft.Flows;
using Weft.Options;
using Weft.Sqlite.Native;
using Weft.Sqlite.Storage;

namespace Weft.Sqlite.Tests;

public sealed class OpeningTests : IDisposable
{
    private readonly StoreDirectory _directory = new();
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("with space.db")]
    [InlineData("what?mode=memory")]
    [InlineData("a#b.db")]
    [InlineData("100%41.db")]
    [InlineData("file:x.db")]
    [InlineData("naïve-日本.db")]
    public async Task A_file_name_is_taken_literally(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && name.AsSpan().ContainsAny("?:"), "Windows has no such names.");
        await using (var log = SqliteMessageLog.Open(_directory.File(name), Durability.Sync, TimeProvider.System))
            await log.OpenTopicAsync("orders", Token);

        Assert.Equal([name, name + ".lock"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(new FileInfo(_directory.File(name)).Length > 0);
    }

    [Fact]
    public async Task Missing_directories_are_made()
    {
        string path = Path.Combine(_directory.Path, "a", "b", "weft.db");
        await using var log = SqliteMessageLog.Open(path, Durability.Sync, TimeProvider.System);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task A_second_opening_in_this_process_is_refused_until_the_first_is_closed()
    {
        await using (_directory.Open())
        {
            var refused = Assert.Throws<LogException>(() => _directory.Open());
            Assert.Equal("WEFT3001", refused.Code.ToString());
            Assert.Contains(_directory.File(), refused.Message, StringComparison.Ordinal);
        }
        await using var again = _directory.Open();
    }

    [Fact]
    public async Task A_store_of_another_process_is_refused_by_its_id_and_free_once_that_has_died()
    {
        using (var holder = new StoreHolder(_directory.File()))
        {
            var refused = Assert.Throws<LogException>(() => _directory.Open());
            Assert.Equal(3001, refused.Code.Number);
            Assert.Contains($"process id {holder.Id})", refused.Message, StringComparison.Ordinal);
        }
        await using var log = _directory.Open();
    }

    [Fact]
    public async Task Two_names_of_one_file_are_one_store()
    {
        await using var log = _directory.Open();
        string other = _directory.File("other.db");
        File.CreateSymbolicLink(other, _directory.File());
        Assert.Equal(3001, Assert.Throws<LogException>(() => SqliteMessageLog.Open(other, Durability.Sync, TimeProvider.System)).Code.Number);
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused_and_left_alone()
    {
        await _directory.Open().DisposeAsync();
        Change("update meta set value = 99 where key = 'version'");
        byte[] before = File.ReadAllBytes(_directory.File());

        var refused = Assert.Throws<LogException>(() => _directory.Open());

        Assert.Equal(3003, refused.Code.Number);
        Assert.Contains($"has version 99 and this Weft reads up to {Schema.Version}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_directory.File()));
    }

    [Theory]
    [InlineData("create table cats(name)")]
    [InlineData("pragma application_id = 5")]
    public void A_database_of_another_program_is_refused_and_left_alone(string making)
    {
        Change(making);
        byte[] before = File.ReadAllBytes(_directory.File());
        Assert.Equal(3002, Assert.Throws<LogException>(() => _directory.Open()).Code.Number);
        Assert.Equal(before, File.ReadAllBytes(_directory.File()));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        string text = string.Concat(Enumerable.Repeat("not a database ", 500));
        File.WriteAllText(_directory.File(), text);
        Assert.Equal(3002, Assert.Throws<LogException>(() => _directory.Open()).Code.Number);
        Assert.Equal(text, File.ReadAllText(_directory.File()));
    }

    [Fact]
    public void A_place_where_no_file_can_be_is_named()
    {
        File.WriteAllText(_directory.File("plain"), "");
        string path = Path.Combine(_directory.File("plain"), "weft.db");
        var refused = Assert.Throws<LogException>(() => SqliteMessageLog.Open(path, Durability.Sync, TimeProvider.System));
        Assert.Equal(3005, refused.Code.Number);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_in_the_place_of_the_file_is_named()
    {
        Directory.CreateDirectory(_directory.File());
        Assert.Equal(3005, Assert.Throws<LogException>(() => _directory.Open()).Code.Number);
    }

    [Fact]
    public void A_network_file_system_is_refused()
    {
        var refused = Assert.Throws<LogException>(() => StorePath.Prepare(_directory.File(), _ => "nfs"));
        Assert.Equal(3004, refused.Code.Number);
        Assert.Contains("(nfs)", refused.Message, StringComparison.Ordinal);
        Assert.Null(StorePath.NetworkKindOf(_directory.Path));
    }

    [Fact]
    public async Task A_damaged_file_is_reported_and_not_read()
    {
        await using (var log = _directory.Open())
        {
            var topic = await log.OpenTopicAsync("orders", Token);
            for (int i = 0; i < 500; i++)
                await topic.AppendAsync(new(new byte[1000]), default, Token);
        }
        using (var file = File.OpenWrite(_directory.File()))
        {
            file.Seek(8 * 4096, SeekOrigin.Begin);
            file.Write(Enumerable.Repeat((byte)0xA5, (int)file.Length - (8 * 4096)).ToArray());
        }

        var damaged = await Assert.ThrowsAsync<LogException>(async () =>
        {
            await using var log = _directory.Open();
            await (await log.OpenTopicAsync("orders", Token)).ReadAllAsync();
        });
        Assert.Equal(3009, damaged.Code.Number);
        Assert.Contains("restore a backup", damaged.Message, StringComparison.Ordinal);
        using var claim = StoreLock.Take(_directory.File()); // Was given back.
    }

    private void Change(string sql)
    {
        using var connection = Connection.Open(_directory.File(), vfs: null, TimeSpan.Zero);
        connection.Execute(sql);
    }
}
