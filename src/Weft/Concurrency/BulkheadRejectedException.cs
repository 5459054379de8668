using Polly;

namespace Weft.Concurrency;

/// <summary>
/// A bulkhead let a call not in: as many ran as may, and there was no place in the queue or none came in time. Nothing was sent, so the call may be made again
/// later. Made without being thrown within the pipeline; whoever executes the pipeline without outcomes has it thrown.
/// </summary>
public sealed class BulkheadRejectedException : ExecutionRejectedException
{
    /// <summary>With a text that says that a bulkhead is full.</summary>
    public BulkheadRejectedException() : this("The bulkhead is full.")
    {
    }

    /// <summary>With a text.</summary>
    /// <param name="message">The text.</param>
    public BulkheadRejectedException(string message) : base(message)
    {
    }

    /// <summary>With a text and a cause.</summary>
    /// <param name="message">The text.</param>
    /// <param name="inner">The cause.</param>
    public BulkheadRejectedException(string message, Exception inner) : base(message, inner)
    {
    }

    internal BulkheadRejectedException(string message, int limit, bool hasWaited) : base(message) => (Limit, HasWaited) = (limit, hasWaited);

    /// <summary>How many calls could run when it was turned away; 0 when that is not known.</summary>
    public int Limit { get; }

    /// <summary>True when it had a place in the queue, or would have, and its time was over first.</summary>
    public bool HasWaited { get; }
}
