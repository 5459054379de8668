using System.Globalization;
using Weft.Diagnostics;

namespace Weft.Timeouts;

/// <summary>The time for something was over, or so little was left of it that it was not begun. The message names the step and what was left.</summary>
public sealed class DeadlineExceededException : TimeoutException, IOwnRejection
{
    internal DeadlineExceededException(string step, TimeSpan left, TimeSpan reserved, TimeSpan? allowed, Exception? inner = null)
        : base(Text(step, left, reserved, allowed), inner) => (Step, Left, WasStarted) = (step, left, allowed is not null);

    /// <summary>What ran out of time: the name of the step, the operation key of the pipeline, or <c>call</c>.</summary>
    public string Step { get; }

    /// <summary>
    /// What was left of the deadline at that moment; zero when nothing was. More than zero when the step was held to less, by a cap of its own or for the sake of later steps;
    /// <see cref="TimeSpan.MaxValue"/> when there was no deadline.
    /// </summary>
    public TimeSpan Left { get; }

    /// <summary>False when it was refused before anything was done, so that nothing can have happened.</summary>
    public bool WasStarted { get; }

    private static string Text(string step, TimeSpan left, TimeSpan reserved, TimeSpan? allowed)
    {
        var kept = reserved > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $", of which {Ms(reserved)} ms are kept back") : "";
        var whole = left == TimeSpan.MaxValue ? "there is no deadline for the whole" : string.Create(CultureInfo.InvariantCulture, $"{Ms(left)} ms of the deadline were left");
        return allowed is { } time
            ? string.Create(CultureInfo.InvariantCulture, $"'{step}' was ended after {Ms(time)} ms; {whole}. Give it more time, or make it faster.")
            : $"'{step}' was not begun: {whole}{kept}. Give it more time, or the steps before it less.";
    }

    private static double Ms(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);
}
