using Weft.Calls;
using Weft.Concurrency;

namespace Weft.Simulation;

/// <summary>A server as <see cref="ServerModel"/> describes it, under virtual time.</summary>
internal sealed class SimulatedServer
{
    private static readonly AttemptOutcome s_good = new(AttemptResult.Answered, 200);
    private static readonly AttemptOutcome s_unavailable = new(AttemptResult.Answered, 503);

    private readonly ServerModel _model;
    private readonly VirtualTime _time;
    private readonly Random _chance;
    private readonly Bulkhead _limit;
    private readonly Queue<SimulatedRequest> _waiting = new();
    private readonly List<SimulatedRequest> _working = [];
    private TriggerKind? _down;
    private int _lives;

    /// <param name="model">What it is like.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="chance">For times and errors.</param>
    public SimulatedServer(ServerModel model, VirtualTime time, Random chance)
    {
        (_model, _time, _chance) = (model, time, chance);
        _limit = new Bulkhead(model.Limit, time);
    }

    /// <summary>How many times longer than usual work takes that begins now.</summary>
    public double Slowness { get; set; } = 1;

    /// <summary>Work that was finished for a caller that had gone.</summary>
    public long Wasted { get; private set; }

    /// <summary>Work that was dropped because its caller waited no longer.</summary>
    public long Dropped { get; private set; }

    /// <summary>Requests that wait or are worked on.</summary>
    public int Load => _waiting.Count + _working.Count;

    /// <summary>How many places of its limit are taken.</summary>
    public int Admitted => _limit.Running;

    /// <summary>A request arrives.</summary>
    public void Take(SimulatedRequest request)
    {
        if (_down is { } down)
        {
            if (down != TriggerKind.Hang)
                request.Complete(down == TriggerKind.Refuse ? new(AttemptResult.ConnectFailed, MayHaveSent: false) : s_unavailable);
        }
        else if (!_limit.TryEnter())
            request.Complete(s_unavailable);
        else if (_model.Workers is not { } workers || _working.Count < workers)
            Begin(request);
        else if (_waiting.Count >= _model.Queue)
        {
            _limit.Exit();
            request.Complete(s_unavailable);
        }
        else
            _waiting.Enqueue(request);
    }

    /// <summary>It stops to work: what it has breaks off, or is never answered when it hangs.</summary>
    public void Stop(TriggerKind how)
    {
        _down = how;
        _lives++;
        SimulatedRequest[] lost = [.. _working, .. _waiting];
        _working.Clear();
        _waiting.Clear();
        foreach (var request in lost)
        {
            _limit.Exit();
            if (how != TriggerKind.Hang)
                request.Complete(new(AttemptResult.Reset));
        }
    }

    /// <summary>It works again, with nothing to do.</summary>
    public void Start() => _down = null;

    /// <summary>The work on a request is done, unless it stopped meanwhile.</summary>
    public void Finish(SimulatedRequest request, int life)
    {
        if (life != _lives)
            return;
        _working.Remove(request);
        Leave(request);
        Wasted += request.IsOver ? 1 : 0;
        // Before the caller hears of it: what waited comes before what the caller sends next.
        BeginNext();
        request.Complete(_model.Errors > 0 && _chance.NextDouble() < _model.Errors ? s_unavailable : s_good);
    }

    private void BeginNext()
    {
        while (_waiting.TryDequeue(out var next))
        {
            if (!_model.DropsExpired || !next.IsExpired(_time.GetTimestamp()))
            {
                Begin(next);
                return;
            }
            Dropped++;
            Leave(next);
        }
    }

    private void Begin(SimulatedRequest request)
    {
        _working.Add(request);
        _time.Schedule(request, _time.GetTimestamp() + (_model.Time.Draw(_chance) * Slowness).Ticks, _lives);
    }

    // What came too late for its caller counts as a timeout, which a limit that follows learns from.
    private void Leave(SimulatedRequest request)
    {
        var now = _time.GetTimestamp();
        if (_limit.IsAdaptive)
            _limit.Exit(request.ArrivedAt, now, request.IsExpired(now) ? LimitSample.Timeout : LimitSample.Success);
        else
            _limit.Exit();
    }
}
