using Microsoft.Extensions.Logging;
using Weft.Diagnostics;

namespace Weft.ServiceRegistry.Health;

/// <summary>
/// What the revisions of a service share about the health of its instances: a number that grows with each change, so that what was made of them is made again, and who
/// tells about it. Safe for use from many threads.
/// </summary>
internal sealed partial class ServiceHealth(string service, ILogger log)
{
    private int _version;
    private volatile bool _isPanic;

    /// <summary>Grows with each change of anything that decides which instances can be called.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Which revision of the service is in force: only it tells when panic begins and ends.</summary>
    public object? Owner { get; set; }

    /// <summary>Whether so few instances can be called that health is not heeded.</summary>
    public bool IsPanic => _isPanic;

    /// <summary>Something has changed.</summary>
    public void Changed() => Interlocked.Increment(ref _version);

    /// <summary>An instance was taken out because of its calls.</summary>
    public void Ejected(Instance instance, int failures, TimeSpan time, int count)
    {
        Changed();
        WeftMeter.Ejections.Add(1, new("service", service), new("instance", instance.Id));
        Out(log, service, instance.Id, failures, time.TotalSeconds, count);
    }

    /// <summary>Too many are out already.</summary>
    public void NotEjected(Instance instance, int failures, int ejected) => Kept(log, service, instance.Id, failures, ejected);

    /// <summary>Its time is over.</summary>
    public void Returned(Instance instance)
    {
        Changed();
        Back(log, service, instance.Id);
    }

    /// <summary>What it answers when asked has become good or bad.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="wrong">What was wrong; null when it is good.</param>
    public void Probed(Instance instance, string? wrong)
    {
        Changed();
        if (wrong is null)
            Up(log, service, instance.Id);
        else
            Down(log, service, instance.Id, wrong);
    }

    /// <summary>Says whether there is panic; tells when that has changed.</summary>
    public void Panics(bool isPanic, int available, int all)
    {
        if (isPanic == _isPanic)
            return;
        _isPanic = isPanic;
        if (isPanic)
            PanicBegins(log, service, available, all);
        else
            PanicEnds(log, service, available, all);
    }

    [LoggerMessage(7010, LogLevel.Warning, "{Service} {Instance}: taken out after {Failures} failed calls in a row, for {Seconds:0.##} s (time {Count} of late).")]
    private static partial void Out(ILogger logger, string service, string instance, int failures, double seconds, int count);

    [LoggerMessage(7011, LogLevel.Information, "{Service} {Instance}: gets calls again; the first that fails takes it out for longer.")]
    private static partial void Back(ILogger logger, string service, string instance);

    [LoggerMessage(7012, LogLevel.Warning, "{Service} {Instance}: {Failures} failed calls in a row, and it stays in: {Ejected} instances are out, and health.outlier.maxEjected allows no more.")]
    private static partial void Kept(ILogger logger, string service, string instance, int failures, int ejected);

    [LoggerMessage(7013, LogLevel.Warning, "{Service} {Instance}: gets no calls, for its health check fails ({Wrong}).")]
    private static partial void Down(ILogger logger, string service, string instance, string wrong);

    [LoggerMessage(7014, LogLevel.Information, "{Service} {Instance}: gets calls again, for its health check passes.")]
    private static partial void Up(ILogger logger, string service, string instance);

    [LoggerMessage(7015, LogLevel.Warning, "{Service}: only {Available} of {All} instances can be called, so health checks and ejections are not heeded (balance.panicBelow).")]
    private static partial void PanicBegins(ILogger logger, string service, int available, int all);

    [LoggerMessage(7016, LogLevel.Information, "{Service}: {Available} of {All} instances can be called; health checks and ejections are heeded again.")]
    private static partial void PanicEnds(ILogger logger, string service, int available, int all);
}
