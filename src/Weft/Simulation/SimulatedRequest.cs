using Weft.Calls;

namespace Weft.Simulation;

/// <summary>The answer of a simulated server; nothing is in it.</summary>
internal sealed class SimulatedAnswer
{
    /// <summary>The one there is.</summary>
    public static readonly SimulatedAnswer Instance = new();
}

/// <summary>
/// An attempt on its way: what its caller awaits, and what its server works on. Its continuations run within the call that completes it, so that everything stays on
/// the thread of the clock.
/// </summary>
internal sealed class SimulatedRequest(SimulatedServer server, in Attempt attempt, long arrivedAt, Tally tally) : TaskCompletionSource<Sent<SimulatedAnswer>>, IVirtualEvent
{
    private readonly CallDeadline _clock = attempt.Clock;
    private CancellationTokenRegistration _cancellation;

    /// <summary>When it came to the server.</summary>
    public long ArrivedAt => arrivedAt;

    /// <summary>How long its caller said that it waits.</summary>
    public TimeSpan Timeout { get; } = attempt.Timeout;

    /// <summary>Whether its caller has an outcome; the server does not know.</summary>
    public bool IsOver => Task.IsCompleted;

    /// <summary>Whether its caller has said that it waits no longer at this time.</summary>
    public bool IsExpired(long now) => TimeSpan.FromTicks(now - arrivedAt) >= Timeout;

    /// <summary>Begins to watch its deadline.</summary>
    public void Watch()
    {
        if (!IsOver)
            _cancellation = _clock.Token.UnsafeRegister(static request => ((SimulatedRequest)request!).GiveUp(), this);
    }

    /// <summary>The server has answered, or the connection failed. Nothing happens when the caller has an outcome.</summary>
    public void Complete(AttemptOutcome outcome)
    {
        if (IsOver)
            return;
        _cancellation.Unregister();
        tally.AttemptEnded(arrivedAt, outcome);
        SetResult(new(outcome, outcome.Result == AttemptResult.Answered ? SimulatedAnswer.Instance : null) { CanRepeat = true });
    }

    /// <summary>The work on it is done.</summary>
    public void Fire(int version) => server.Finish(this, version);

    private void GiveUp() => Complete(AttemptFailure.From(new OperationCanceledException(_clock.Token), _clock));
}
