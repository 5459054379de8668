namespace Weft.Calls;

/// <summary>Says what an exception of the transport means.</summary>
internal static class AttemptFailure
{
    /// <summary>The outcome of an attempt that ended with <paramref name="exception"/> before its answer was whole.</summary>
    /// <param name="exception">What the transport threw.</param>
    /// <param name="deadline">The deadline under which it ran.</param>
    /// <param name="status">The status that had come; 0 for none.</param>
    public static AttemptOutcome From(Exception exception, CallDeadline deadline, int status = 0)
    {
        if (deadline.Token.IsCancellationRequested)
            return new(deadline.CallerGone || deadline.IsAbandoned ? AttemptResult.Cancelled : AttemptResult.Timeout, status);
        var error = exception switch
        {
            HttpRequestException e => e.HttpRequestError,
            HttpIOException e => e.HttpRequestError,
            _ => HttpRequestError.Unknown,
        };
        return error switch
        {
            HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
                => new(AttemptResult.ConnectFailed, MayHaveSent: false),
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded
                or HttpRequestError.VersionNegotiationError or HttpRequestError.ExtendedConnectNotSupported
                => new(AttemptResult.BadAnswer, status),
            // The handler's own limit on connecting ends as a cancellation that is not ours.
            _ when exception is OperationCanceledException => new(AttemptResult.ConnectFailed, MayHaveSent: false),
            _ => new(AttemptResult.Reset, status),
        };
    }
}
