using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Weft.Load.Cells;

/// <summary>Listens to every meter and every activity of the process but the runtime's own, as an app with an exporter does.</summary>
public sealed class Telemetry : IDisposable
{
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;
    private long _measured, _ended;

    private Telemetry()
    {
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (!instrument.Meter.Name.StartsWith("System.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((_, _, _, _) => Interlocked.Increment(ref _measured));
        _meters.SetMeasurementEventCallback<int>((_, _, _, _) => Interlocked.Increment(ref _measured));
        _meters.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _measured));
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = static source => !source.Name.StartsWith("System.", StringComparison.Ordinal),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ => Interlocked.Increment(ref _ended),
        };
        ActivitySource.AddActivityListener(_activities);
    }

    /// <summary>How many measurements and activities there were.</summary>
    public (long Measurements, long Activities) Counts => (Volatile.Read(ref _measured), Volatile.Read(ref _ended));

    public static Telemetry Listen() => new();

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }
}
