namespace Weft.Testing;

/// <summary>
/// Records what publishers and handlers saw, and judges it. An event is named by its key, its publisher and a sequence number
/// that grows with each event of that publisher; the test writes the three into the event, so that the handler knows them.
/// Recording takes one short lock and allocates nothing but the growth of a list. Safe for use from many threads.
/// </summary>
public sealed class History
{
    private readonly Lock _gate = new();
    private readonly List<HistoryStep> _steps = [];

    /// <summary>The steps so far, in the order in which they were recorded.</summary>
    public IReadOnlyList<HistoryStep> Steps
    {
        get
        {
            lock (_gate)
                return [.. _steps];
        }
    }

    /// <summary>A publisher is about to publish. Record it before the call.</summary>
    public void Publishing(HistoryEvent e) => Add(HistoryPhase.Publishing, e);

    /// <summary>The publish returned: the event must be delivered.</summary>
    public void Published(HistoryEvent e) => Add(HistoryPhase.Published, e);

    /// <summary>The publish failed or its end is unknown: the event may be delivered.</summary>
    public void PublishFailed(HistoryEvent e) => Add(HistoryPhase.PublishFailed, e);

    /// <summary>A handler began with the event.</summary>
    public void Delivering(HistoryEvent e) => Add(HistoryPhase.Delivering, e);

    /// <summary>A handler ended, well or not.</summary>
    public void Delivered(HistoryEvent e) => Add(HistoryPhase.Delivered, e);

    /// <summary>The event became a dead letter, which is not lost.</summary>
    public void Dead(HistoryEvent e) => Add(HistoryPhase.Dead, e);

    /// <summary>Handlers that were running are no more: the process died. Their ends will not be recorded.</summary>
    public void Crashed() => Add(HistoryPhase.Crashed, default);

    /// <summary>Judges what was recorded. Call it when nothing is under way any more.</summary>
    public HistoryVerdict Check() => new HistoryChecker().Check(Steps);

    private void Add(HistoryPhase phase, HistoryEvent e)
    {
        lock (_gate)
            _steps.Add(new(phase, e));
    }
}

/// <summary>An event as the history knows it.</summary>
/// <param name="Key">What is kept in order.</param>
/// <param name="Publisher">Who publishes it; one publisher awaits each publish before the next of the same key.</param>
/// <param name="Sequence">Grows with each event of (publisher, key).</param>
public readonly record struct HistoryEvent(int Key, int Publisher, long Sequence);

/// <summary>One line of a history.</summary>
/// <param name="Phase">What happened.</param>
/// <param name="Event">To which event.</param>
public readonly record struct HistoryStep(HistoryPhase Phase, HistoryEvent Event);

/// <summary>What happened to an event.</summary>
public enum HistoryPhase : byte
{
    /// <summary>Its publish began.</summary>
    Publishing,

    /// <summary>Its publish returned.</summary>
    Published,

    /// <summary>Its publish failed or was given up.</summary>
    PublishFailed,

    /// <summary>A handler began with it.</summary>
    Delivering,

    /// <summary>A handler ended with it.</summary>
    Delivered,

    /// <summary>It became a dead letter.</summary>
    Dead,

    /// <summary>The process died with all that was running.</summary>
    Crashed,
}
