using System.Text;

namespace Weft.Testing;

/// <summary>What is wrong with a history. Duplicates are counted but are no violation: delivery is at least once.</summary>
public sealed class HistoryVerdict
{
    private const int Shown = 5;

    /// <summary>How many publishes returned; a history without any proves nothing.</summary>
    public int Acknowledged { get; internal set; }

    /// <summary>Acknowledged, and neither delivered nor a dead letter.</summary>
    public List<HistoryEvent> Lost { get; } = [];

    /// <summary>Delivered or dead before anybody published it.</summary>
    public List<HistoryEvent> Unexpected { get; } = [];

    /// <summary>How many deliveries were not the first of their event.</summary>
    public int Duplicates { get; internal set; }

    /// <summary>
    /// Pairs of one key where the first delivery of the later event came before that of the earlier one. Later is what the same
    /// publisher numbered higher, or what began to be published after the publish of the other had returned.
    /// </summary>
    public List<(HistoryEvent Later, HistoryEvent Earlier)> Inversions { get; } = [];

    /// <summary>Pairs of one key that were handled at the same time.</summary>
    public List<(HistoryEvent Running, HistoryEvent Begun)> Overlaps { get; } = [];

    /// <summary>True when nothing is lost, unexpected, out of order or overlapping.</summary>
    public bool Holds => Lost.Count == 0 && Unexpected.Count == 0 && Inversions.Count == 0 && Overlaps.Count == 0;

    /// <summary>Throws a <see cref="ConformanceException"/> that lists the violations, if there are any.</summary>
    public void ThrowIfViolated()
    {
        if (!Holds)
            throw new ConformanceException(ToString());
    }

    /// <summary>The counts, and the first few of each violation.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Acknowledged} acknowledged, {Duplicates} duplicates");
        Describe(text, "lost", Lost);
        Describe(text, "unexpected", Unexpected);
        Describe(text, "out of order", Inversions);
        Describe(text, "overlapping", Overlaps);
        return text.ToString();
    }

    private static void Describe<T>(StringBuilder text, string what, List<T> found)
    {
        if (found.Count > 0)
            text.Append($"; {found.Count} {what}: {string.Join(", ", found.Take(Shown))}{(found.Count > Shown ? ", ..." : "")}");
    }
}
