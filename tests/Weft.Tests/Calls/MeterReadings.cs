using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Weft.Diagnostics;

namespace Weft.Tests.Calls;

/// <summary>Listens to Weft's meter from its making on. Other tests report to the same meter: ask for a service of your own.</summary>
internal sealed class MeterReadings : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _published = [];
    private readonly ConcurrentQueue<Reading> _seen = [];

    public MeterReadings()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != WeftMeter.Name)
                return;
            _published.Enqueue(instrument.Name);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The instruments there are; one that is declared twice is there twice.</summary>
    public IEnumerable<string> Published => _published;

    /// <summary>What was seen of a service.</summary>
    public IEnumerable<Reading> Of(string service) => _seen.Where(r => r.Labels.Contains(("service", service)));

    /// <summary>Reads the gauges.</summary>
    public void Read() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _seen.Enqueue(new(instrument.Name, value, [.. tags.ToArray().Select(t => (t.Key, (string)t.Value!))]));
}

/// <summary>One value of an instrument.</summary>
internal sealed record Reading(string Instrument, double Value, IReadOnlyList<(string Name, string Value)> Labels)
{
    public override string ToString() => FormattableString.Invariant($"{Instrument} {Value} {string.Join(' ', Labels.OrderBy(l => l.Name, StringComparer.Ordinal).Select(l => $"{l.Name}={l.Value}"))}");
}
