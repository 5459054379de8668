using System.Globalization;
using Weft.CircuitBreaker;
using Weft.Diagnostics;
using Weft.Options;

namespace Weft.ServiceRegistry.Health;

/// <summary>
/// Asks the instances of one service how they are, each on its own time, for as long as the file says so. It follows the service from one revision to the next; what
/// is known stays with the instances. A good answer does not let an instance in again whose calls fail: that is another matter.
/// </summary>
internal sealed class HealthProber : IAsyncDisposable
{
    // Askers that began together must not stay together.
    private const double Spread = 0.1;

    private readonly TimeProvider _time;
    private readonly Jitter _chance;
    private readonly AsyncSignal _wake = new();
    private readonly ITimer _timer;
    private readonly BackgroundLoop _loop;
    private volatile Service _service;

    /// <param name="service">The service; it must say how to ask.</param>
    /// <param name="time">The time provider.</param>
    /// <param name="chance">For the times to ask; only used here.</param>
    public HealthProber(Service service, TimeProvider time, Random chance)
    {
        (_service, _time, _chance) = (service, time, new Jitter(chance));
        _timer = time.CreateTimer(static wake => ((AsyncSignal)wake!).Set(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _loop = BackgroundLoop.Start($"health checks of {service.Name}", RunAsync);
    }

    /// <summary>Goes on with the next revision of the service.</summary>
    public void Follow(Service service)
    {
        _service = service;
        _wake.Set();
    }

    /// <summary>Ends it; requests under way are ended too.</summary>
    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationToken stop)
    {
        var running = new List<Task>();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                running.RemoveAll(p => p.IsCompleted);
                var wait = AskAllDue(running, stop);
                _timer.Change(wait, Timeout.InfiniteTimeSpan);
                await _wake.WaitAsync(stop).ConfigureAwait(false);
            }
        }
        finally
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    /// <summary>Begins to ask all whose time has come.</summary>
    /// <returns>How long until the next one.</returns>
    private TimeSpan AskAllDue(List<Task> running, CancellationToken stop)
    {
        var (service, now) = (_service, _time.GetTimestamp());
        if (service.Options.Health.Active is not { } options)
            return Timeout.InfiniteTimeSpan;
        // Instances may join at any time, and are to be found soon.
        var next = now + Ticks(options.Every < TimeSpan.FromSeconds(1) ? options.Every : TimeSpan.FromSeconds(1));
        foreach (var instance in service.Instances)
        {
            var probes = instance.Probes;
            probes.Follow(options);
            if (now >= probes.DueAt && !probes.IsRunning)
            {
                probes.DueAt = now + (long)(Ticks(options.Every) * (1 - Spread + (2 * Spread * _chance.Next())));
                probes.IsRunning = true;
                running.Add(AskAsync(service, instance, options, stop));
            }
            next = Math.Min(next, Math.Max(probes.DueAt, now + 1));
        }
        // A timer of no time at all would come at once; one that is a little late asks a little late.
        return TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(_time.GetElapsedTime(now, next).TotalMilliseconds)));
    }

    private async Task AskAsync(Service service, Instance instance, ActiveHealthOptions options, CancellationToken stop)
    {
        var wrong = await WrongAsync(service, instance, options, stop).ConfigureAwait(false);
        instance.Probes.IsRunning = false;
        if (stop.IsCancellationRequested)
            return;
        WeftMeter.HealthChecks.Add(1, new("service", service.Name), new("outcome", wrong is null ? "passed" : "failed"));
        if (!instance.Probes.Record(wrong, options))
            return;
        if (wrong is null)
            instance.WarmSince = _time.GetTimestamp();
        service.Health.Probed(instance, wrong);
    }

    /// <summary>What is wrong with the answer; null when nothing is.</summary>
    private async Task<string?> WrongAsync(Service service, Instance instance, ActiveHealthOptions options, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, instance.Address(options.Path))
            {
                Version = instance.HttpVersion,
                VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            };
            request.Headers.TryAddWithoutValidation("User-Agent", "Weft-Health");
            using var response = await service.Transport.SendAsync(request, either.Token).ConfigureAwait(false);
            var status = (int)response.StatusCode;
            return status is >= 200 and <= 299 ? null : "status " + status.ToString(CultureInfo.InvariantCulture);
        }
        catch (OperationCanceledException)
        {
            return late.IsCancellationRequested ? $"no answer within {DurationText.Of(options.Timeout)}" : "no connection in time";
        }
        catch (Exception e)
        {
            // Whatever it is, the next time has to come.
            return e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } ? "no connection" : "no HTTP answer";
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
