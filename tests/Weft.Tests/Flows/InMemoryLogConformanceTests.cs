using Microsoft.Extensions.Time.Testing;
using Weft.Flows;
using Weft.Testing;

namespace Weft.Tests.Flows;

public sealed class InMemoryLogConformanceTests
{
    public static TheoryData<string> Checks => [.. LogConformance.Checks.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task The_in_memory_log_conforms(string check)
    {
        await using var fixture = new InMemoryLogFixture();
        await LogConformance.RunAsync(check, fixture, TestContext.Current.CancellationToken);
    }
}

/// <summary>Makes in-memory logs, optionally behind something that breaks them.</summary>
/// <param name="wrap">Puts something before each.</param>
/// <param name="forgets">Whether what is opened again is empty.</param>
internal sealed class InMemoryLogFixture(Func<IMessageLog, IMessageLog>? wrap = null, bool forgets = false) : ILogFixture
{
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private InMemoryMessageLog? _log;

    public LogFixtureCapabilities Capabilities { get; } = new(Reopen: true, Crash: true);

    public TimeProvider Clock => _clock;

    public void Advance(TimeSpan by) => _clock.Advance(by);

    public ValueTask<IMessageLog> CreateAsync(CancellationToken cancellation) => Give(new(_clock));

    public ValueTask<IMessageLog> ReopenAsync(CancellationToken cancellation) => CrashAsync(cancellation);

    public ValueTask<IMessageLog> CrashAsync(CancellationToken cancellation) => Give(forgets ? new(_clock) : _log!.CrashAndReopen());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ValueTask<IMessageLog> Give(InMemoryMessageLog log)
    {
        _log = log;
        return ValueTask.FromResult(wrap?.Invoke(log) ?? log);
    }
}
