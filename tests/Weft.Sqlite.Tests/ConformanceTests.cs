using Microsoft.Extensions.Time.Testing;
using Weft.Flows;
using Weft.Testing;

namespace Weft.Sqlite.Tests;

public sealed class ConformanceTests
{
    public static TheoryData<string> Checks => [.. LogConformance.Checks.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task The_sqlite_log_conforms(string check)
    {
        await using var fixture = new SqliteLogFixture();
        await LogConformance.RunAsync(check, fixture, TestContext.Current.CancellationToken);
    }
}

/// <summary>Makes stores in a directory of their own.</summary>
internal sealed class SqliteLogFixture : ILogFixture
{
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly StoreDirectory _directory = new();
    private readonly List<SqliteMessageLog> _logs = [];

    public LogFixtureCapabilities Capabilities { get; } = new(Reopen: true, Crash: true);

    public TimeProvider Clock => _clock;

    public void Advance(TimeSpan by) => _clock.Advance(by);

    public ValueTask<IMessageLog> CreateAsync(CancellationToken cancellation) => Open();

    public ValueTask<IMessageLog> ReopenAsync(CancellationToken cancellation) => Open();

    // What a dead process leaves is what its files hold in that moment. Taken by the writer in the middle of a commit; from
    // then on the old log cannot write any more, so nothing can return that the copy does not have.
    public async ValueTask<IMessageLog> CrashAsync(CancellationToken cancellation)
    {
        string from = Path(_logs.Count - 1), to = Path(_logs.Count);
        var death = _logs[^1].Writer.RunAsync(session =>
        {
            File.Copy(from, to);
            File.Copy(from + "-wal", to + "-wal");
            session.Connection.Execute("pragma query_only = 1");
            throw new IOException("The process is dead.");
        }, cancellation);
        await Assert.ThrowsAsync<LogException>(async () => await death);
        _logs.Add(SqliteMessageLog.Open(to, Options.Durability.Os, _clock));
        return _logs[^1];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var log in _logs)
            await log.DisposeAsync();
        _directory.Dispose();
    }

    private ValueTask<IMessageLog> Open()
    {
        string path = Path(Math.Max(0, _logs.Count - 1));
        _logs.Add(SqliteMessageLog.Open(path, Options.Durability.Os, _clock));
        if (_logs.Count > 1)
            _logs.RemoveAt(_logs.Count - 2); // Closed, and its file goes on.
        return ValueTask.FromResult<IMessageLog>(_logs[^1]);
    }

    private string Path(int number) => _directory.File($"{number}.db");
}
