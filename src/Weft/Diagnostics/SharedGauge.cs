using System.Diagnostics.Metrics;

namespace Weft.Diagnostics;

/// <summary>
/// A gauge that is declared once, whose values come from whoever is there: each shows what it knows and hides it again. An instrument of its own for each would be the same
/// name several times, and the end of one would end the others for some listeners. Safe for use from many threads.
/// </summary>
internal sealed class SharedGauge<T> where T : struct
{
    private readonly Lock _changing = new();
    private Source[] _sources = [];

    /// <summary>Declares it.</summary>
    public SharedGauge(Meter meter, string name, string unit, string description) => meter.CreateObservableGauge(name, Read, unit, description);

    /// <summary>Adds values, which are read when somebody listens.</summary>
    /// <returns>Hides them when it is disposed of.</returns>
    public IDisposable Show(Func<IEnumerable<Measurement<T>>> values)
    {
        var source = new Source(this, values);
        lock (_changing)
            Volatile.Write(ref _sources, [.. _sources, source]);
        return source;
    }

    private IEnumerable<Measurement<T>> Read() => Volatile.Read(ref _sources).SelectMany(s => s.Values());

    private void Hide(Source source)
    {
        lock (_changing)
            Volatile.Write(ref _sources, [.. _sources.Where(other => other != source)]);
    }

    private sealed class Source(SharedGauge<T> gauge, Func<IEnumerable<Measurement<T>>> values) : IDisposable
    {
        public Func<IEnumerable<Measurement<T>>> Values { get; } = values;

        public void Dispose() => gauge.Hide(this);
    }
}
