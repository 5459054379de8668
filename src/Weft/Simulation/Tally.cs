using Weft.Calls;

namespace Weft.Simulation;

/// <summary>Counts what happens in a simulation.</summary>
internal sealed class Tally(VirtualTime time)
{
    private readonly List<SimulatedCall> _calls = [];
    private readonly List<SimulatedSecond> _seconds = [];
    private Exception? _broken;
    private long _running;

    /// <summary>Calls in the order in which they ended.</summary>
    public IReadOnlyList<SimulatedCall> Calls => _calls;

    /// <summary>What the servers saw, second by second.</summary>
    public IReadOnlyList<SimulatedSecond> Seconds => _seconds;

    /// <summary>A call begins.</summary>
    /// <returns>When.</returns>
    public long CallBegins()
    {
        _running++;
        return time.GetTimestamp();
    }

    /// <summary>A call has its outcome.</summary>
    public void CallEnded(long began, Rejection rejection, AttemptOutcome outcome)
    {
        _running--;
        _calls.Add(new(TimeSpan.FromTicks(began), TimeSpan.FromTicks(time.GetTimestamp() - began), rejection, rejection == Rejection.None ? outcome : default));
    }

    /// <summary>A policy threw.</summary>
    public void Broke(Exception exception) => _broken ??= exception;

    /// <summary>An attempt is sent.</summary>
    public void AttemptBegins()
    {
        var second = Second(time.GetTimestamp());
        _seconds[second] = _seconds[second] with { Attempts = _seconds[second].Attempts + 1 };
    }

    /// <summary>An attempt has its outcome; it counts to the second in which it began.</summary>
    public void AttemptEnded(long began, in AttemptOutcome outcome)
    {
        if (outcome.Result != AttemptResult.Timeout)
            return;
        var second = Second(began);
        _seconds[second] = _seconds[second] with { Timeouts = _seconds[second].Timeouts + 1 };
    }

    /// <summary>Ends the count.</summary>
    /// <exception cref="InvalidOperationException">A call has no outcome, or a policy threw.</exception>
    public void Close()
    {
        if (_broken is not null)
            throw new InvalidOperationException("A policy threw within the simulation.", _broken);
        if (_running != 0)
            throw new InvalidOperationException($"{_running} simulated calls have no outcome although nothing is left to happen. A policy waits for something that virtual time does not complete.");
    }

    private int Second(long at)
    {
        var second = (int)(at / TimeSpan.TicksPerSecond);
        while (_seconds.Count <= second)
            _seconds.Add(default);
        return second;
    }
}

/// <summary>A call that ended.</summary>
/// <param name="Began">When it began, from the start.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Rejection">Why nothing was sent.</param>
/// <param name="Outcome">Of its last attempt, when something was sent.</param>
internal readonly record struct SimulatedCall(TimeSpan Began, TimeSpan Took, Rejection Rejection, AttemptOutcome Outcome)
{
    /// <summary>Whether it was answered well.</summary>
    public bool IsGood => Rejection == Rejection.None && !Outcome.IsFailure;
}

/// <summary>What the servers saw in a second.</summary>
/// <param name="Attempts">Attempts that were sent.</param>
/// <param name="Timeouts">Those of them that were not answered in time.</param>
internal readonly record struct SimulatedSecond(int Attempts, int Timeouts);
