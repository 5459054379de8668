using Microsoft.Extensions.Time.Testing;
using Weft.Flows;
using Weft.Sqlite.Tests.PowerLoss;
using Weft.Testing;

namespace Weft.Sqlite.Tests;

public sealed class SqliteLogConformanceTests
{
    public static TheoryData<string> Checks => [.. LogConformance.Checks.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task The_SQLite_log_conforms(string check)
    {
        bool crashes = LogConformance.Checks.Single(c => c.Name == check).Needs.HasFlag(LogNeeds.Crash);
        await using var fixture = new SqliteLogFixture(crashes);
        await LogConformance.RunAsync(check, fixture, TestContext.Current.CancellationToken);
    }
}

/// <summary>Stores on the real disk; those that are to crash on one in memory, where a process can die without ours.</summary>
internal sealed class SqliteLogFixture(bool crashes) : ILogFixture
{
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly StoreDirectory _directory = new();
    private readonly List<RecordingVfs> _disks = [];
    private SqliteMessageLog? _log;

    public LogFixtureCapabilities Capabilities { get; } = new(Reopen: true, Crash: crashes);

    public TimeProvider Clock => _clock;

    public void Advance(TimeSpan by) => _clock.Advance(by);

    public ValueTask<IMessageLog> CreateAsync(CancellationToken cancellation)
    {
        if (crashes)
            _disks.Add(new(new Disk()));
        return Open();
    }

    public ValueTask<IMessageLog> ReopenAsync(CancellationToken cancellation) => Open();

    public async ValueTask<IMessageLog> CrashAsync(CancellationToken cancellation)
    {
        var left = _disks[^1].Disk.AfterProcessDeath();
        await _log!.DisposeAsync(); // Nothing reaches the disk any more; it only lets the lock file go.
        _disks.Add(new(left));
        return await Open();
    }

    public async ValueTask DisposeAsync()
    {
        if (_log is not null)
            await _log.DisposeAsync();
        _disks.ForEach(d => d.Dispose());
        _directory.Dispose();
    }

    private ValueTask<IMessageLog> Open()
    {
        _log = _directory.Open(_clock, o => o with { Vfs = crashes ? _disks[^1].Name : null });
        return ValueTask.FromResult<IMessageLog>(_log);
    }
}
