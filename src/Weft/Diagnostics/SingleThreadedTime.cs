namespace Weft.Diagnostics;

/// <summary>
/// A clock under which everything runs on one thread, one step after the other. Who would hand a continuation to the thread pool posts it here, so that the order of
/// all steps, and with it every result, is the same each time.
/// </summary>
internal abstract class SingleThreadedTime : TimeProvider
{
    /// <summary>Runs something after the present step and before the clock moves on, in the order of the calls.</summary>
    /// <param name="callback">What.</param>
    /// <param name="state">What it is given.</param>
    public abstract void Post(Action<object?> callback, object? state);
}
