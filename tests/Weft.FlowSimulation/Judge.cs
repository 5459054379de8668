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
    private readonly List<string> _violations = [];
    private int _faults, _kills;

    /// <summary>What was seen to be wrong so far.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>How many publishes returned.</summary>
    public int Published { get; private set; }

    /// <summary>Something that must not happen.</summary>
    public void Violate(string what)
    {
        world.Note($"VIOLATION {what}");
        _violations.Add(what);
    }

    /// <summary>Something was done that may bring back what was handled.</summary>
    public void CountFault() => _faults++;

    public void Publishing(HistoryEvent e) => Each("publishing", e, h => h.Publishing(e));

    public void PublishReturned(HistoryEvent e)
    {
        Published++;
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
        if (_succeeded.TryGetValue((subscription, e), out int faults) && faults == _faults)
            Violate($"{subscription} is given {Text(e)} again, though it had handled it and nothing has failed since");
    }

    public void Delivered(string subscription, HistoryEvent e, string how)
    {
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
        bool deserved = dead.Reason switch
        {
            "rejected" => _refused.Contains((subscription, e)),
            "retries-exhausted" => _failed.Contains((subscription, e)),
            "crash" => _kills >= 3,
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
        }
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

    private static string Text(HistoryEvent e) => string.Create(CultureInfo.InvariantCulture, $"({e.Key} {e.Publisher} {e.Sequence})");

    private void Each(string what, HistoryEvent e, Action<History> add)
    {
        world.Note($"{what} {Text(e)}");
        foreach (var history in _histories.Values)
            add(history);
    }
}
