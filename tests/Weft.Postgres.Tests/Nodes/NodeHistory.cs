using Weft.Testing;

namespace Weft.Postgres.Tests.Nodes;

/// <summary>
/// What several processes said, brought into the order of the clock that they share, and what was done to them. A handler runs from when it says
/// so until it says that it ended; one whose process was killed ended with it; and one whose process was stopped for longer than its lease counts
/// until it was stopped, because from there on another may go on, and nothing that it does is stored. What a process begins after it
/// was woken counts in full.
/// </summary>
internal sealed class NodeHistory
{
    private readonly Lock _lock = new();
    private readonly List<Said> _said = [];
    private readonly List<(int Start, long From, long To)> _stops = [];
    private readonly Dictionary<int, long> _ends = [];
    private readonly HashSet<HistoryEvent> _accepted = [], _handled = [];

    /// <summary>How many handlers ended and found their effect done before.</summary>
    public int Refused { get; private set; }

    /// <summary>Events whose publish returned.</summary>
    public int Accepted
    {
        get
        {
            lock (_lock)
                return _accepted.Count;
        }
    }

    /// <summary>Events whose publish returned and that no handler has ended well with.</summary>
    public IReadOnlyList<HistoryEvent> Open
    {
        get
        {
            lock (_lock)
                return [.. _accepted.Except(_handled)];
        }
    }

    /// <summary>All that was said, in the order of the clock.</summary>
    public IReadOnlyList<Said> All
    {
        get
        {
            lock (_lock)
                return [.. _said.OrderBy(s => s.At)];
        }
    }

    public void Add(Said said)
    {
        lock (_lock)
        {
            _said.Add(said);
            if (said.What == "published")
                _accepted.Add(said.Event);
            if (said.What is "done" or "refused")
                _handled.Add(said.Event);
            Refused += said.What == "refused" ? 1 : 0;
        }
    }

    /// <summary>A process was stopped for longer than its lease.</summary>
    public void Stopped(int start, long from, long to)
    {
        lock (_lock)
            _stops.Add((start, from, to));
    }

    /// <summary>A process is gone.</summary>
    public void Ended(int start, long at)
    {
        lock (_lock)
            _ends[start] = at;
    }

    /// <summary>Judges it.</summary>
    public HistoryVerdict Check()
    {
        var history = new History();
        foreach (var (_, what, e) in Steps().OrderBy(s => s.At))
        {
            switch (what)
            {
                case "publish":
                    history.Publishing(e);
                    break;
                case "published":
                    history.Published(e);
                    break;
                case "unknown":
                    history.PublishFailed(e);
                    break;
                case "deliver":
                    history.Delivering(e);
                    break;
                case "end":
                    history.Delivered(e);
                    break;
            }
        }
        return history.Check();
    }

    private IEnumerable<(long At, string What, HistoryEvent Event)> Steps()
    {
        var running = new Dictionary<(int Start, HistoryEvent Event), long>();
        foreach (var said in All)
        {
            if (said.What is "publish" or "published" or "unknown")
            {
                yield return (said.At, said.What, said.Event);
            }
            else if (said.What == "deliver")
            {
                running[(said.Start, said.Event)] = said.At;
                yield return (said.At, said.What, said.Event);
            }
            else if (said.What is "done" or "refused" or "fail" && running.Remove((said.Start, said.Event), out long begun))
            {
                yield return (EndOf(said.Start, begun, said.At), "end", said.Event);
            }
        }
        foreach (var ((start, e), begun) in running)
            yield return (EndOf(start, begun, _ends.GetValueOrDefault(start, long.MaxValue)), "end", e);
    }

    private long EndOf(int start, long begun, long ended)
    {
        foreach (var (_, from, to) in _stops.Where(s => s.Start == start && begun < s.To && ended > s.From))
            ended = Math.Max(begun, Math.Min(ended, from));
        return ended;
    }
}

/// <summary>A line of a process.</summary>
/// <param name="At">When, by the clock that all processes of the machine share.</param>
/// <param name="Start">The process.</param>
/// <param name="What">What happened.</param>
/// <param name="Event">To what.</param>
internal readonly record struct Said(long At, int Start, string What, HistoryEvent Event);
