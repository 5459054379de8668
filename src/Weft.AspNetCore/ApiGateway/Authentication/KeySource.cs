using Microsoft.Extensions.Logging;
using Weft.Diagnostics;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>
/// The keys of an issuer, found by OpenID Connect Discovery. Read again when they have grown old, beside the requests that go on with those there are, and when
/// a token names one that is not known; never more often than every <see cref="MinInterval"/>, whatever tokens say.
/// </summary>
internal sealed partial class KeySource(string name, JwtOptions options, HttpMessageInvoker http, TimeProvider time, ILogger logger)
{
    /// <summary>The least time between two readings.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private volatile Set? _set;
    private Task _reading = Task.CompletedTask;
    private long _triedAt = long.MinValue;

    /// <summary>Why the last reading failed; null when it did not.</summary>
    public string? Error { get; private set; }

    /// <summary>When the keys were read; null when they never were.</summary>
    public DateTimeOffset? ReadAt => _set?.ReadAt;

    /// <summary>The keys there are.</summary>
    public IReadOnlyList<VerificationKey> Keys => _set?.Keys ?? [];

    /// <summary>Whether there are keys that may be used now. Begins to read them anew when they are old, without waiting for it.</summary>
    public bool IsReady()
    {
        if (_set is not { } set)
            return false;
        var age = time.GetElapsedTime(set.At);
        if (age <= options.Refresh)
            return true;
        // Nobody has asked for long: what was taken back meanwhile is found out first.
        if (age > 2 * options.Refresh && !HasTriedWithin(options.Refresh))
            return false;
        _ = ReadAsync();
        return age <= options.Refresh + options.Stale;
    }

    /// <summary>Waits until there are keys that may be used; false when there are none.</summary>
    public async ValueTask<bool> PrepareAsync()
    {
        if (IsReady())
            return true;
        await ReadAsync().ConfigureAwait(false);
        return _set is { } set && time.GetElapsedTime(set.At) <= options.Refresh + options.Stale;
    }

    /// <summary>The key of a token. One that is not known is looked for at the issuer.</summary>
    /// <param name="kid">The name of the key; null when the token has none, which only the single key that fits answers to.</param>
    /// <param name="algorithm">What it is used for.</param>
    public async ValueTask<VerificationKey?> FindAsync(string? kid, SignatureAlgorithm algorithm)
    {
        if (Find(kid, algorithm) is { } known)
            return known;
        await ReadAsync().ConfigureAwait(false);
        return Find(kid, algorithm);
    }

    /// <summary>Reads the keys, unless that was just done; joins a reading that is under way. Does not throw.</summary>
    public Task ReadAsync()
    {
        lock (_gate)
        {
            if (!_reading.IsCompleted)
                return _reading;
            if (HasTriedWithin(MinInterval))
                return Task.CompletedTask;
            Volatile.Write(ref _triedAt, time.GetTimestamp());
            return _reading = TryReadAsync();
        }
    }

    private bool HasTriedWithin(TimeSpan span) => Volatile.Read(ref _triedAt) is var at && at != long.MinValue && time.GetElapsedTime(at) < span;

    private VerificationKey? Find(string? kid, SignatureAlgorithm algorithm)
    {
        var keys = _set?.Keys ?? [];
        if (kid is not null)
            return Array.Find(keys, k => k.Kid == kid && k.Fits(algorithm));
        var fitting = Array.FindAll(keys, k => k.Fits(algorithm));
        return fitting.Length == 1 ? fitting[0] : null;
    }

    private async Task TryReadAsync()
    {
        // The one who asks first holds the gate.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            using var limit = new CancellationTokenSource(s_timeout, time);
            var keys = await KeySetClient.ReadAsync(http, options.Issuer, limit.Token).ConfigureAwait(false);
            Replace(keys);
            Error = null;
            WeftMeter.KeyReads.Add(1, new("auth", name), new("result", "ok"));
            LogRead(logger, name, keys.Length);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or FormatException or OperationCanceledException or InvalidOperationException)
        {
            Error = e is OperationCanceledException ? $"The issuer did not answer within {s_timeout.TotalSeconds} s." : e.Message;
            WeftMeter.KeyReads.Add(1, new("auth", name), new("result", "failed"));
            LogFailure(logger, name, Error);
        }
    }

    private void Replace(VerificationKey[] read)
    {
        var before = _set?.Keys ?? [];
        // What is still there stays the same object, and with it what it verified.
        VerificationKey[] keys = [.. read.Select(k => Array.Find(before, b => b.Fingerprint == k.Fingerprint) ?? k)];
        _set = new(keys, time.GetTimestamp(), time.GetUtcNow());
        foreach (var gone in before.Except(keys))
            gone.Retire();
    }

    [LoggerMessage(5010, LogLevel.Debug, "auth.{Name}: read {Count} keys of the issuer")]
    private static partial void LogRead(ILogger logger, string name, int count);

    [LoggerMessage(5011, LogLevel.Warning, "auth.{Name}: the keys of the issuer cannot be read: {Error}")]
    private static partial void LogFailure(ILogger logger, string name, string error);

    private sealed record Set(VerificationKey[] Keys, long At, DateTimeOffset ReadAt);
}
