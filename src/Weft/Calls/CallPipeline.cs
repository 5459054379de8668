using Weft.Diagnostics;
using Weft.ServiceRegistry;

namespace Weft.Calls;

/// <summary>
/// The one way to call a service, and its order: choose an instance, send, take the outcome, perhaps another instance. The
/// streaming forwarder and the client that reads whole answers both run on it. Safe for use from many threads.
/// </summary>
internal sealed class CallPipeline(TimeProvider time)
{
    /// <summary>Deadlines for calls.</summary>
    public CallDeadlines Deadlines { get; } = new(time);

    /// <summary>Gives leave for the first attempt of a call.</summary>
    /// <returns>False when the service has no instance.</returns>
    public bool TryBegin(Service service, out Attempt attempt) => TryBegin(service, 1, out attempt);

    /// <summary>Takes back the outcome of an attempt.</summary>
    public void End(in Attempt attempt, in AttemptOutcome outcome)
    {
        attempt.Instance.End(outcome.IsFailure);
        if (WeftMeter.AttemptDuration.Enabled)
            WeftMeter.AttemptDuration.Record(time.GetElapsedTime(attempt.StartedAt).TotalSeconds, new("service", attempt.Service.Name), new("outcome", Label(outcome.Result)));
    }

    /// <summary>
    /// Gives leave for one more attempt after one that was ended: on another instance, when nothing was sent and there is one not
    /// tried yet. The last attempt comes by value: callers put the next one in its place.
    /// </summary>
    public bool TryBeginAnother(Attempt last, in AttemptOutcome outcome, out Attempt another)
    {
        another = default;
        return !outcome.MayHaveSent
            && outcome.Result == AttemptResult.ConnectFailed
            && last.Number < last.Service.Instances.Count
            && TryBegin(last.Service, last.Number + 1, out another);
    }

    /// <summary>The word for an outcome in metrics and logs.</summary>
    public static string Label(AttemptResult result) => result switch
    {
        AttemptResult.Answered => "answered",
        AttemptResult.ConnectFailed => "connect",
        AttemptResult.Reset => "reset",
        AttemptResult.Timeout => "timeout",
        AttemptResult.BadAnswer => "bad-answer",
        AttemptResult.Cancelled => "cancelled",
        _ => "bad-request",
    };

    private bool TryBegin(Service service, int number, out Attempt attempt)
    {
        if (service.Next() is not { } instance)
        {
            attempt = default;
            return false;
        }
        instance.Begin();
        attempt = new Attempt(service, instance, number, time.GetTimestamp());
        return true;
    }
}
