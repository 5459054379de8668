using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft.Options;

namespace Weft;

/// <summary>
/// Runs what the options say, and changes over to other options without a stop: all parts are built first, then put in
/// place together; when one cannot be built, everything goes on as before and the error is kept as pending.
/// </summary>
public sealed partial class WeftRuntime : IHostedService, IDisposable
{
    private readonly IWeftPart[] _parts;
    private readonly IReadOnlySet<string> _handlers;
    private readonly ILogger<WeftRuntime> _logger;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _change = new(1);
    private readonly CancellationTokenRegistration? _stopping;
    private long? _stoppingSince;

    internal WeftRuntime(
        WeftOptions options, IReadOnlySet<string> handlers, IEnumerable<IWeftPart> parts, TimeProvider time, IHostApplicationLifetime? lifetime, ILogger<WeftRuntime> logger)
    {
        (Options, _handlers, _parts, _time, _logger) = (options, handlers, [.. parts], time, logger);
        // Others stop before this part is asked to; all of them share the time to drain, and probes see it from the first moment.
        _stopping = lifetime?.ApplicationStopping.Register(BeginStop);
    }

    /// <summary>The options in force.</summary>
    public WeftOptions Options { get; private set; }

    /// <summary>How often options were put in force: 0 before the start, 1 after it.</summary>
    public int Revision { get; private set; }

    /// <summary>When the options were put in force.</summary>
    public DateTimeOffset AppliedAt { get; private set; }

    /// <summary>Why the last reload was refused; null when it was not.</summary>
    public string? PendingError { get; private set; }

    /// <summary>Whether the process takes work: it has started, and it is not stopping.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Puts the options in force.</summary>
    /// <exception cref="WeftConfigurationException">They cannot be met; the message holds all that is wrong with them.</exception>
    /// <exception cref="Flows.LogException">A store cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await ApplyAsync(Options, cancellationToken).ConfigureAwait(false);
        IsReady = true;
    }

    /// <summary>Stops within <c>server.drain</c>: readiness first, then the parts, last one first.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        BeginStop();
        for (int i = _parts.Length - 1; i >= 0; i--)
        {
            var left = Options.Server.Drain - _time.GetElapsedTime(_stoppingSince!.Value);
            await _parts[i].StopAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero).ConfigureAwait(false);
        }
    }

    /// <summary>Changes over to <paramref name="next"/>. On any error what runs goes on, and <see cref="PendingError"/> says why.</summary>
    /// <returns>Whether the options are in force.</returns>
    public async Task<bool> ReloadAsync(WeftOptions next, CancellationToken cancellation)
    {
        try
        {
            await ApplyAsync(next, cancellation).ConfigureAwait(false);
            PendingError = null;
            LogReloaded(_logger, Revision);
            return true;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            Reject(e.Message);
            return false;
        }
    }

    /// <summary>Keeps a reload as refused: the file could not even be read.</summary>
    public void Reject(string error)
    {
        PendingError = error;
        LogRefused(_logger, Revision, error);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping?.Dispose();
        _change.Dispose();
    }

    private void BeginStop()
    {
        IsReady = false;
        _stoppingSince ??= _time.GetTimestamp();
    }

    private async Task ApplyAsync(WeftOptions next, CancellationToken cancellation)
    {
        OptionsValidator.ThrowIfInvalid(next, _handlers);
        await _change.WaitAsync(cancellation).ConfigureAwait(false);
        var prepared = new List<IPreparedPart>();
        try
        {
            foreach (var part in _parts)
                prepared.Add(await part.PrepareAsync(next, cancellation).ConfigureAwait(false));
            foreach (var part in prepared)
                await part.CommitAsync().ConfigureAwait(false);
            (Options, AppliedAt) = (next, _time.GetUtcNow());
            Revision++;
        }
        finally
        {
            foreach (var part in prepared)
                await part.DisposeAsync().ConfigureAwait(false);
            _change.Release();
        }
    }

    [LoggerMessage(6001, LogLevel.Information, "Revision {Revision} is in force.")]
    private static partial void LogReloaded(ILogger logger, int revision);

    [LoggerMessage(6002, LogLevel.Error, "The new configuration was refused and revision {Revision} goes on: {Error}")]
    private static partial void LogRefused(ILogger logger, int revision, string error);
}
