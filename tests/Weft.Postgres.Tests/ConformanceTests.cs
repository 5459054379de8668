using Microsoft.Extensions.Time.Testing;
using Weft.Flows;
using Weft.Postgres.Tests.Rig;
using Weft.Testing;

namespace Weft.Postgres.Tests;

public sealed class ConformanceTests
{
    public static TheoryData<string> Checks => [.. LogConformance.Checks.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task The_postgres_log_conforms(string check)
    {
        await using var fixture = new PostgresLogFixture();
        await LogConformance.RunAsync(check, fixture, TestContext.Current.CancellationToken);
    }
}

/// <summary>Makes stores in a schema of their own.</summary>
internal sealed class PostgresLogFixture : ILogFixture
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMilliseconds(200);

    private readonly FakeTimeProvider _clock = new(new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private PostgresServer? _server;
    private PostgresLogOptions? _options;
    private PostgresMessageLog? _log;

    public LogFixtureCapabilities Capabilities { get; } = new(Reopen: true, Crash: true);

    public TimeProvider Clock => _clock;

    public void Advance(TimeSpan by) => _clock.Advance(by);

    public async ValueTask<IMessageLog> CreateAsync(CancellationToken cancellation)
    {
        _server = await PostgresServer.SharedAsync();
        // The clock of messages goes on by days here, and no lease is to end by that.
        _options = _server.NewStore() with { Lease = s_lease, Pause = TimeSpan.Zero, LeaseClock = new FakeTimeProvider() };
        return await ReopenAsync(cancellation);
    }

    public async ValueTask<IMessageLog> ReopenAsync(CancellationToken cancellation) =>
        _log = await PostgresMessageLog.OpenAsync(_options!, _clock, cancellation: cancellation);

    // A dead process leaves nothing but its connections, which the server finds cut. Its leases run out by the clock of the server.
    public async ValueTask<IMessageLog> CrashAsync(CancellationToken cancellation)
    {
        var abandoned = _log!.AbandonAsync();
        await _server!.CutAsync(_options!);
        await abandoned;
        await Task.Delay(s_lease * 1.5, cancellation);
        return await ReopenAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_log is not null)
            await _log.DisposeAsync();
        if (_options is not null)
            await _server!.ExecuteAsync($"drop schema {_options.Schema} cascade");
    }
}
