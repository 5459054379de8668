namespace Weft.Timeouts;

public readonly partial struct Deadline
{
    /// <summary>
    /// Runs one step under this deadline, or under <see cref="Current"/> when that ends sooner: refuses it when there is no time for it, else cancels its token when its time is over.
    /// Inside it <see cref="Current"/> is the deadline of the step.
    /// </summary>
    /// <typeparam name="TResult">What the step gives.</typeparam>
    /// <param name="step">Its name, for the error.</param>
    /// <param name="operation">What to do. It must heed its token, and not keep it: tokens are used again for other steps.</param>
    /// <param name="cap">The longest time of the step itself; null for none.</param>
    /// <param name="reserve">What is kept back for the steps after it.</param>
    /// <param name="cancellation">The caller's own; when it is cancelled, so is the step, and the error is the usual <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="DeadlineExceededException">There was no time for it, or its time was over.</exception>
    public ValueTask<TResult> RunAsync<TResult>(
        string step, Func<CancellationToken, ValueTask<TResult>> operation, TimeSpan? cap = null, TimeSpan reserve = default, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(step);
        ArgumentNullException.ThrowIfNull(operation);
        return RunAsync(step, static (run, token) => run(token), operation, cap ?? TimeSpan.MaxValue, reserve, cancellation);
    }

    /// <summary>Runs one step that gives nothing; otherwise as the other form.</summary>
    /// <param name="step">Its name, for the error.</param>
    /// <param name="operation">What to do. It must heed its token, and not keep it: tokens are used again for other steps.</param>
    /// <param name="cap">The longest time of the step itself; null for none.</param>
    /// <param name="reserve">What is kept back for the steps after it.</param>
    /// <param name="cancellation">The caller's own; when it is cancelled, so is the step, and the error is the usual <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="DeadlineExceededException">There was no time for it, or its time was over.</exception>
    public async ValueTask RunAsync(
        string step, Func<CancellationToken, ValueTask> operation, TimeSpan? cap = null, TimeSpan reserve = default, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(step);
        ArgumentNullException.ThrowIfNull(operation);
        await RunAsync(step, RunWithoutResultAsync, operation, cap ?? TimeSpan.MaxValue, reserve, cancellation).ConfigureAwait(false);
    }

    // Being async, it gives the current deadline back to its caller's when it returns.
    internal async ValueTask<TResult> RunAsync<TState, TResult>(
        string step, Func<TState, CancellationToken, ValueTask<TResult>> operation, TState state, TimeSpan cap, TimeSpan reserve, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var whole = Sooner(Current);
        var time = whole._time ?? TimeProvider.System;
        var now = time.GetTimestamp();
        var left = whole.LeftAt(time, now);
        var allowed = Step(left, cap, reserve);
        if (allowed == TimeSpan.Zero)
            throw new DeadlineExceededException(step, left, reserve, allowed: null);

        using var source = TimeoutSources.Of(time).Rent(allowed, cancellation);
        if (allowed != TimeSpan.MaxValue)
            DeadlineScope.Set(After(allowed, time, now));
        try
        {
            return await operation(state, source.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (source.IsTimeOver)
        {
            throw new DeadlineExceededException(step, whole.Remaining, reserve, allowed, e);
        }
    }

    private static async ValueTask<bool> RunWithoutResultAsync(Func<CancellationToken, ValueTask> operation, CancellationToken cancellation)
    {
        await operation(cancellation).ConfigureAwait(false);
        return true;
    }
}
