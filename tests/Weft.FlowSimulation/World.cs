using System.Globalization;
using System.Text;
using Weft.Testing;

namespace Weft.FlowSimulation;

/// <summary>What all parts of one run share. Everything runs on one thread, so nothing is guarded.</summary>
internal sealed class World(int seed)
{
    private readonly StringBuilder _trace = new();

    /// <summary>The source of all chance.</summary>
    public Random Chance { get; } = new(seed);

    /// <summary>The clock.</summary>
    public ManualTime Time { get; } = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>What was done to it.</summary>
    public FaultCounts Faults { get; } = new();

    /// <summary>No more faults: everything has to come to rest.</summary>
    public bool IsCalm { get; set; }

    /// <summary>Until when the store fails.</summary>
    public long FailsUntil { get; set; }

    /// <summary>Whether the store fails now.</summary>
    public bool Fails => !IsCalm && Time.GetTimestamp() < FailsUntil;

    /// <summary>Everything that happened, line by line: the same for the same seed.</summary>
    public string Trace => _trace.ToString();

    /// <summary>Notes that something happened.</summary>
    public void Note(string what) => _trace.Append(CultureInfo.InvariantCulture, $"{Time.GetTimestamp() / TimeSpan.TicksPerMillisecond} {what}\n");

    /// <summary>Whether something of that likeliness happens.</summary>
    public bool OneIn(int chance) => Chance.Next(chance) == 0;

    /// <summary>A time of up to so many milliseconds.</summary>
    public TimeSpan UpTo(int milliseconds) => TimeSpan.FromMilliseconds(Chance.Next(1, milliseconds + 1));

    /// <summary>Waits for virtual time.</summary>
    public Task WaitAsync(TimeSpan wait, CancellationToken cancellation = default) => Task.Delay(wait, Time, cancellation);
}

/// <summary>How often each fault was injected.</summary>
internal sealed class FaultCounts
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>How many in all.</summary>
    public long Total => _counts.Values.Sum();

    /// <summary>One more.</summary>
    public void Add(string fault, long count = 1) => _counts[fault] = _counts.GetValueOrDefault(fault) + count;

    /// <summary>All of another.</summary>
    public void Add(FaultCounts other)
    {
        foreach (var (fault, count) in other._counts)
            Add(fault, count);
    }

    public override string ToString() => string.Join(", ", _counts.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Value} {c.Key}")));
}
