namespace Weft.AspNetCore.ApiGateway;

/// <summary>Why a request was not served (RFC 9457). Says nothing of addresses, exceptions or what stands behind the gateway.</summary>
/// <param name="Kind">What it is, stable.</param>
/// <param name="Detail">What the caller can do about it; null when the title says it all.</param>
internal sealed record Problem(ProblemKind Kind, string? Detail = null)
{
    /// <summary>The CloudEvents attribute at fault.</summary>
    public string? Attribute { get; init; }

    /// <summary>The place in a batch, from 0.</summary>
    public int? Index { get; init; }

    /// <summary>The stable code, such as <c>WEFT4101</c>.</summary>
    public string? Code { get; init; }
}

/// <summary>A kind of problem. The last part of its <c>type</c> is stable and may be relied on.</summary>
/// <param name="Name">The last part of <c>urn:weft:problem:NAME</c>.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The same for all problems of the kind.</param>
internal sealed record ProblemKind(string Name, int Status, string Title)
{
    public static readonly ProblemKind BadRequest = new("bad-request", 400, "The request is malformed");
    public static readonly ProblemKind BadPath = new("bad-path", 400, "The path leaves its root");
    public static readonly ProblemKind BadEvent = new("bad-event", 400, "The request holds no valid CloudEvent");
    public static readonly ProblemKind Unauthenticated = new("unauthenticated", 401, "Credentials are missing or wrong");
    public static readonly ProblemKind Forbidden = new("forbidden", 403, "The caller may not do this");
    public static readonly ProblemKind Replayed = new("replayed", 409, "The message was taken before");
    public static readonly ProblemKind NoKeys = new("issuer-unreachable", 503, "Credentials cannot be checked at the moment");
    public static readonly ProblemKind NoRoute = new("no-route", 404, "Nothing is served here");
    public static readonly ProblemKind Method = new("method-not-allowed", 405, "The method is not allowed here");
    public static readonly ProblemKind Gone = new("version-ended", 410, "This version is not served any more");
    public static readonly ProblemKind SlowRequest = new("request-timeout", 408, "The request did not arrive in time");
    public static readonly ProblemKind TooLarge = new("body-too-large", 413, "The request body is too large");
    public static readonly ProblemKind Unsupported = new("unsupported-media-type", 415, "The content type cannot be read");
    public static readonly ProblemKind Limited = new("rate-limited", 429, "Too many requests");
    public static readonly ProblemKind Internal = new("internal", 500, "The gateway failed");
    public static readonly ProblemKind Unreachable = new("upstream-unreachable", 502, "The service could not be reached");
    public static readonly ProblemKind BadUpstream = new("upstream-failed", 502, "The service broke off or gave no valid answer");
    public static readonly ProblemKind NoInstance = new("no-instance", 503, "The service has no instance");
    public static readonly ProblemKind BreakerOpen = new("breaker-open", 503, "The service is left alone after failures");
    public static readonly ProblemKind Busy = new("too-busy", 503, "As many requests run as the service takes");
    public static readonly ProblemKind DeadlineExpired = new("deadline-expired", 504, "The time that was left is not enough");
    public static readonly ProblemKind Store = new("store-unavailable", 503, "The event could not be stored");
    public static readonly ProblemKind UpstreamTimeout = new("upstream-timeout", 504, "The service did not answer in time");

    /// <summary>The kind without any detail.</summary>
    public Problem Plain => field ??= new(this);
}
