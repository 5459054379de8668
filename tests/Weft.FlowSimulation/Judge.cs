using System.Globalization;
using Weft.Flows;
using Weft.Messages;
using Weft.Testing;

namespace Weft.FlowSimulation;

/// <summary>Records what publishers and handlers see, and judges it at the end.</summary>
internal sealed class Judge(World world, IReadOnlyList<string> subscriptions)
{
    private readonly Dictionary<string, History> _histories = subscriptions.ToDictionary(s => s, _ => new History());
    private readonly Dictionary<(string Subscription, HistoryEvent Event), int> _succeeded = [];
    private readonly HashSet<(string Subscription, HistoryEvent Event)> _failed = [], _refused = [];
    private readonly List<HistoryEvent> _published = [];
    private readonly Dictionary<(string Subscription, int Key), SortedDictionary<long, HistoryEvent>> _waiting = [];
    private readonly List<(string Subscription, HistoryEvent First, HistoryEvent Later)> _overtaken = [];
    private readonly HashSet<(string Subscription, HistoryEvent Event)> _dead = [];
    private readonly List<string> _violations = [];
    private int _faults, _storeFaults, _kills;

    /// <summary>What was seen to be wrong so far.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>The subscriptions that give an event up after a while: then later ones of its key may follow, and a loss of power may bring it back.</summary>
    public HashSet<string> GiveUp { get; } = [];

    /// <summary>How many publishes returned.</summary>
    public int Published { get; private set; }

    /// <summary>Something that must not happen.</summary>
    public void Violate(string what)
    {
        world.Note($"VIOLATION {what}");
        _violations.Add(what);
    }

    /// <summary>Something was done that may bring back what was handled.</summary>
    public void CountFault()
    {
        _faults++;
        _storeFaults++;
    }

    public void Publishing(HistoryEvent e) => Each("publishing", e, h => h.Publishing(e));

    public void PublishReturned(HistoryEvent e)
    {
        Published++;
        _published.Add(e);
        Each("published", e, h => h.Published(e));
    }

    public void PublishFailed(HistoryEvent e) => Each("publish failed", e, h => h.PublishFailed(e));

    public void Crashed()
    {
        _faults++;
        _kills++;
        world.Note("crashed");
        foreach (var history in _histories.Values)
            history.Crashed();
    }

    public void Delivering(string subscription, HistoryEvent e, long position, int attempt)
    {
        world.Note($"{subscription} delivering {Text(e)} at {position} try {attempt}");
        _histories[subscription].Delivering(e);
        var waiting = WaitingOf(subscription, e);
        waiting.Remove(position);
        if (waiting.FirstOrDefault() is { Key: > 0 } first && first.Key < position && !GiveUp.Contains(subscription) && _kills < 2)
            _overtaken.Add((subscription, first.Value, e));
        if (_succeeded.TryGetValue((subscription, e), out int faults) && faults == _faults)
            Violate($"{subscription} is given {Text(e)} again, though it had handled it and nothing has failed since");
    }

    public void Delivered(string subscription, HistoryEvent e, long position, string how)
    {
        if (how == "failed")
            WaitingOf(subscription, e)[position] = e;
        world.Note($"{subscription} {how} {Text(e)}");
        _histories[subscription].Delivered(e);
        switch (how)
        {
            case "handled": _succeeded[(subscription, e)] = _faults; break;
            case "refused": _refused.Add((subscription, e)); break;
            default: _failed.Add((subscription, e)); break;
        }
    }

    /// <summary>A dead letter that is there at the end.</summary>
    public void Dead(string subscription, ParkedMessage dead)
    {
        var e = EventOf(dead.Message);
        world.Note($"{subscription} dead {Text(e)} {dead.Reason}");
        _histories[subscription].Dead(e);
        _dead.Add((subscription, e));
        bool deserved = dead.Reason switch
        {
            "rejected" => _refused.Contains((subscription, e)),
            "retries-exhausted" => _failed.Contains((subscription, e)),
            // A close at which the store takes nothing looks to the next process as a crash does.
            "crash" => _kills >= (_storeFaults == 0 ? 3 : 1),
            _ => false,
        };
        if (!deserved)
            Violate($"{subscription} has the dead letter {Text(e)} for the reason '{dead.Reason}', which it did not give");
    }

    /// <summary>Judges the whole.</summary>
    public void End()
    {
        foreach (var (subscription, history) in _histories)
        {
            var verdict = history.Check();
            if (!verdict.Holds)
                Violate($"{subscription}: {verdict}");
            foreach (var e in _published.Where(e => !_succeeded.ContainsKey((subscription, e)) && !_dead.Contains((subscription, e))))
                Violate($"{subscription} never handled {Text(e)} with success, and it is no dead letter");
        }
        // One that died let the others of its key go on, and when that was, the history does not know.
        foreach (var (subscription, first, later) in _overtaken.Where(o => !_dead.Contains((o.Subscription, o.First))))
            Violate($"{subscription} was given {Text(later)} while {Text(first)}, an earlier one of its key, waited for its next try");
    }

    /// <summary>An event with its name in the subject.</summary>
    public static Message Make(HistoryEvent e, TimeProvider time)
    {
        string subject = string.Create(CultureInfo.InvariantCulture, $"{e.Key} {e.Publisher} {e.Sequence}");
        return Message.CreateBytes("made", "/simulation", [1, 2, 3], "application/octet-stream", id: subject.Replace(' ', '-'), subject: subject,
            partitionKey: e.Key < 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{e.Key}"), time: time);
    }

    /// <summary>The event that a message is.</summary>
    public static HistoryEvent EventOf(Message message)
    {
        int[] numbers = [.. message.Subject!.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        return new(numbers[0], numbers[1], numbers[2]);
    }

    // What has failed and waits, by position. Those without a key wait for nobody.
    private SortedDictionary<long, HistoryEvent> WaitingOf(string subscription, HistoryEvent e)
    {
        if (!_waiting.TryGetValue((subscription, e.Key), out var waiting))
            _waiting.Add((subscription, e.Key), waiting = []);
        return waiting;
    }

    private static string Text(HistoryEvent e) => string.Create(CultureInfo.InvariantCulture, $"({e.Key} {e.Publisher} {e.Sequence})");

    private void Each(string what, HistoryEvent e, Action<History> add)
    {
        world.Note($"{what} {Text(e)}");
        foreach (var history in _histories.Values)
            add(history);
    }
}
