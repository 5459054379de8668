using System.Runtime.InteropServices;

namespace Weft.Testing;

/// <summary>One pass over the steps of a history. Time is the index of a step.</summary>
internal sealed class HistoryChecker
{
    private readonly HistoryVerdict _verdict = new();
    private readonly Dictionary<HistoryEvent, State> _states = [];
    private readonly Dictionary<(int Publisher, int Key), HistoryEvent> _lastOfPublisher = [];
    private readonly Dictionary<int, (HistoryEvent Event, int Begun)> _latestBegun = [];
    private readonly Dictionary<int, HistoryEvent> _running = [];

    public HistoryVerdict Check(IReadOnlyList<HistoryStep> steps)
    {
        for (int now = 1; now <= steps.Count; now++)
        {
            var (phase, e) = steps[now - 1];
            if (phase == HistoryPhase.Crashed)
                _running.Clear();
            else
                Take(phase, e, ref CollectionsMarshal.GetValueRefOrAddDefault(_states, e, out _), now);
        }
        _verdict.Lost.AddRange(_states.Where(s => s.Value is { Returned: > 0, Seen: false }).Select(s => s.Key));
        _verdict.Acknowledged = _states.Values.Count(s => s.Returned > 0);
        return _verdict;
    }

    private void Take(HistoryPhase phase, HistoryEvent e, ref State state, int now)
    {
        switch (phase)
        {
            case HistoryPhase.Publishing:
                state.Sent = true;
                state.Begun = state.Begun == 0 ? now : state.Begun;
                break;
            case HistoryPhase.Published:
                state.Sent = true;
                state.Returned = state.Returned == 0 ? now : state.Returned;
                break;
            case HistoryPhase.Delivering:
                See(e, ref state);
                CheckOrder(e, ref state);
                if (!_running.TryAdd(e.Key, e))
                    _verdict.Overlaps.Add((_running[e.Key], e));
                break;
            case HistoryPhase.Delivered when _running.TryGetValue(e.Key, out var running) && running == e:
                _running.Remove(e.Key);
                break;
            case HistoryPhase.Dead:
                See(e, ref state);
                break;
        }
    }

    private void See(HistoryEvent e, ref State state)
    {
        if (!state.Sent && !state.Seen)
            _verdict.Unexpected.Add(e);
        state.Seen = true;
    }

    // Only first deliveries count: what is delivered again comes late by nature.
    private void CheckOrder(HistoryEvent e, ref State state)
    {
        if (state.Delivered)
        {
            _verdict.Duplicates++;
            return;
        }
        state.Delivered = true;

        if (_lastOfPublisher.TryGetValue((e.Publisher, e.Key), out var last) && last.Sequence > e.Sequence)
        {
            _verdict.Inversions.Add((last, e));
            return;
        }
        _lastOfPublisher[(e.Publisher, e.Key)] = e;

        // Across publishers, an event whose publish had returned before another's began is the earlier one.
        bool known = _latestBegun.TryGetValue(e.Key, out var latest);
        if (known && state.Returned > 0 && state.Returned < latest.Begun)
            _verdict.Inversions.Add((latest.Event, e));
        if (!known || state.Begun > latest.Begun)
            _latestBegun[e.Key] = (e, state.Begun);
    }

    private struct State
    {
        public bool Sent, Seen, Delivered;
        public int Begun, Returned;
    }
}
