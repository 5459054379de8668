using System.Collections.Frozen;
using System.Runtime.ExceptionServices;

namespace Weft.Timeouts;

/// <summary>
/// The steps that are done under one deadline, one after the other or side by side, so that each gets its own longest time or what is left without the minimums of the
/// mandatory steps after it, whichever is less. A slow early step so cannot take the time of all later ones. Make it once; immutable, safe for use from many threads.
/// </summary>
public sealed class DeadlinePlan
{
    private readonly FrozenDictionary<string, (DeadlineStep Step, int Stage)> _steps;
    private readonly TimeSpan[] _minimums; // By stage; those of a stage run side by side, so the largest counts.

    /// <summary>A plan without steps; <see cref="Then"/> adds them.</summary>
    public DeadlinePlan() : this(FrozenDictionary<string, (DeadlineStep, int)>.Empty, [])
    {
    }

    private DeadlinePlan(FrozenDictionary<string, (DeadlineStep, int)> steps, TimeSpan[] minimums) => (_steps, _minimums) = (steps, minimums);

    /// <summary>This plan and one more step after it, or several that run side by side.</summary>
    /// <param name="steps">At least one.</param>
    /// <returns>A new plan.</returns>
    /// <exception cref="ArgumentException">No steps, a name that is empty or used already, or times that do not fit together.</exception>
    public DeadlinePlan Then(params ReadOnlySpan<DeadlineStep> steps)
    {
        if (steps.IsEmpty)
            throw new ArgumentException("Then takes one step, or several that run side by side; it got none.", nameof(steps));
        var (all, minimum) = (_steps.ToDictionary(), TimeSpan.Zero);
        foreach (var step in steps)
        {
            Check(step);
            if (!all.TryAdd(step.Name, (step, _minimums.Length)))
                throw new ArgumentException($"The plan has a step '{step.Name}' already. Give each its own name.", nameof(steps));
            if (!step.IsOptional && step.Minimum > minimum)
                minimum = step.Minimum;
        }
        return new(all.ToFrozenDictionary(StringComparer.Ordinal), [.. _minimums, minimum]);
    }

    /// <summary>How long a step may take if it begins now; zero when it must not.</summary>
    /// <param name="step">The name of the step.</param>
    /// <param name="deadline">The deadline of the whole.</param>
    /// <exception cref="ArgumentException">The plan has no such step.</exception>
    public TimeSpan TimeFor(string step, Deadline deadline)
    {
        var (found, reserve) = Find(step);
        return deadline.Step(found.Cap ?? TimeSpan.MaxValue, reserve);
    }

    /// <summary>Runs a step within its time. Steps that run side by side are begun like any other, and awaited together; see also <see cref="RunTogetherAsync"/>.</summary>
    /// <typeparam name="TResult">What the step gives.</typeparam>
    /// <param name="step">The name of the step.</param>
    /// <param name="deadline">The deadline of the whole.</param>
    /// <param name="operation">What to do. It must heed its token, and not keep it.</param>
    /// <param name="cancellation">The caller's own.</param>
    /// <exception cref="ArgumentException">The plan has no such step.</exception>
    /// <exception cref="DeadlineExceededException">There was no time for it, or its time was over.</exception>
    public ValueTask<TResult> RunAsync<TResult>(string step, Deadline deadline, Func<CancellationToken, ValueTask<TResult>> operation, CancellationToken cancellation = default)
    {
        var (found, reserve) = Find(step);
        return deadline.RunAsync(step, operation, found.Cap, reserve, cancellation);
    }

    /// <summary>Runs a step that gives nothing within its time; otherwise as the other form.</summary>
    /// <param name="step">The name of the step.</param>
    /// <param name="deadline">The deadline of the whole.</param>
    /// <param name="operation">What to do. It must heed its token, and not keep it.</param>
    /// <param name="cancellation">The caller's own.</param>
    /// <exception cref="ArgumentException">The plan has no such step.</exception>
    /// <exception cref="DeadlineExceededException">There was no time for it, or its time was over.</exception>
    public ValueTask RunAsync(string step, Deadline deadline, Func<CancellationToken, ValueTask> operation, CancellationToken cancellation = default)
    {
        var (found, reserve) = Find(step);
        return deadline.RunAsync(step, operation, found.Cap, reserve, cancellation);
    }

    /// <summary>
    /// Runs steps side by side and waits until all have ended. When a mandatory one fails, the others are cancelled and its error is thrown; the error of an optional one counts for nothing.
    /// </summary>
    /// <param name="deadline">The deadline of the whole.</param>
    /// <param name="operations">The names of the steps and what to do; each keeps its own result.</param>
    /// <param name="cancellation">The caller's own.</param>
    /// <exception cref="ArgumentException">The plan has no such step.</exception>
    /// <exception cref="DeadlineExceededException">There was no time for a mandatory step, or its time was over.</exception>
    public async ValueTask RunTogetherAsync(
        Deadline deadline, IReadOnlyList<(string Step, Func<CancellationToken, ValueTask> Operation)> operations, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var steps = operations.Select(o => Find(o.Step).Step).ToArray();
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Exception? first = null;
        await Task.WhenAll(operations.Select((o, i) => OneAsync(steps[i], o.Operation))).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        if (first is not null)
            ExceptionDispatchInfo.Throw(first);

        async Task OneAsync(DeadlineStep step, Func<CancellationToken, ValueTask> operation)
        {
            try
            {
                await RunAsync(step.Name, deadline, operation, together.Token).ConfigureAwait(false);
            }
            catch (Exception e) // Whatever it is: it is thrown below, unless the step is optional.
            {
                if (!step.IsOptional && Interlocked.CompareExchange(ref first, e, null) is null)
                    await together.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    private (DeadlineStep Step, TimeSpan Reserve) Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_steps.TryGetValue(name, out var found))
            throw new ArgumentException($"The plan has no step '{name}'. It has: {string.Join(", ", _steps.Values.OrderBy(s => s.Stage).Select(s => s.Step.Name))}.", nameof(name));
        var reserve = TimeSpan.Zero;
        for (var stage = found.Stage + 1; stage < _minimums.Length; stage++)
            reserve += _minimums[stage];
        return (found.Step, reserve);
    }

    private static void Check(DeadlineStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentException.ThrowIfNullOrEmpty(step.Name);
        if (step.Cap <= TimeSpan.Zero)
            throw new ArgumentException($"The cap of the step '{step.Name}' is {step.Cap}; it must be above zero. Leave it out for none.", nameof(step));
        if (step.Minimum < TimeSpan.Zero || step.Minimum > TimeSpan.FromDays(1))
            throw new ArgumentException($"The minimum of the step '{step.Name}' is {step.Minimum}; allowed is zero to one day.", nameof(step));
        if (step.Minimum > step.Cap)
            throw new ArgumentException($"The minimum of the step '{step.Name}' is {step.Minimum}, more than its cap, {step.Cap}. Lower the one or raise the other.", nameof(step));
    }
}
