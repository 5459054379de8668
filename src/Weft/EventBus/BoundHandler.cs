using Weft.Flows;

namespace Weft.EventBus;

/// <summary>A handler, ready for a subscription.</summary>
/// <param name="Handle">Handles an event.</param>
/// <param name="Hopeless">Each says of an exception whether no later try can help.</param>
internal sealed record BoundHandler(MessageHandler Handle, IReadOnlyList<Func<Exception, bool>> Hopeless)
{
    /// <summary>The verdict on a delivery whose handler threw; null for another try.</summary>
    public Outcome? Verdict(Exception e) => e switch
    {
        DeadLetterException => Outcome.Dead("rejected", e.Message),
        UndeserialisableException => Outcome.Dead("undeserialisable", e.Message),
        WrongTypeException => Outcome.Dead("wrong-type", e.Message),
        _ => IsHopeless(e) ? Outcome.Dead("rejected", $"{e.GetType().Name}: {e.Message}") : null,
    };

    private bool IsHopeless(Exception e)
    {
        foreach (var hopeless in Hopeless)
        {
            if (hopeless(e))
                return true;
        }
        return false;
    }
}

/// <summary>A strict handler got an event of another type than its own.</summary>
internal sealed class WrongTypeException(string message) : Exception(message);
