namespace Weft.Http1;

/// <summary>What can be wrong with an answer. The kinds are those of the framework's client, so that both are judged alike.</summary>
internal static class Http1Fault
{
    /// <summary>It is no HTTP/1.1, or can be read in two ways.</summary>
    public static HttpIOException Malformed(string what) => new(HttpRequestError.InvalidResponse, what);

    /// <summary>It is beyond a limit.</summary>
    public static HttpIOException TooLarge(string what) => new(HttpRequestError.ConfigurationLimitExceeded, what);

    /// <summary>The connection was closed before it was whole.</summary>
    public static HttpIOException Ended() => new(HttpRequestError.ResponseEnded, "The service closed the connection before its answer was whole.");
}
