using Weft.Flows;

namespace Weft.Testing;

/// <summary>
/// What the author of a log writes to have it checked by <see cref="LogConformance"/>: how to make one and how to end it.
/// Each check gets a fixture of its own and uses it from one thread.
/// </summary>
public interface ILogFixture : IAsyncDisposable
{
    /// <summary>What this fixture can do besides making a log. Constant.</summary>
    LogFixtureCapabilities Capabilities { get; }

    /// <summary>
    /// The clock of the log. It must stand still but for <see cref="Advance"/>, which also shows that the log does not poll.
    /// </summary>
    TimeProvider Clock { get; }

    /// <summary>Moves the clock.</summary>
    void Advance(TimeSpan by);

    /// <summary>Makes an empty log. Called once.</summary>
    ValueTask<IMessageLog> CreateAsync(CancellationToken cancellation);

    /// <summary>Opens the log again after it was disposed.</summary>
    ValueTask<IMessageLog> ReopenAsync(CancellationToken cancellation);

    /// <summary>Ends the open log as the death of its process would, without disposing it, and opens it again.</summary>
    ValueTask<IMessageLog> CrashAsync(CancellationToken cancellation);
}

/// <summary>What a fixture can do. A check that needs more is skipped and says so.</summary>
/// <param name="Reopen">Whether the log can be opened again after it was closed.</param>
/// <param name="Crash">Whether the fixture can end the log as a crash would.</param>
public sealed record LogFixtureCapabilities(bool Reopen, bool Crash);
