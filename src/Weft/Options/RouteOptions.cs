using Weft.Expressions;

namespace Weft.Options;

/// <summary>What the gateway does with the requests that match. Exactly one of <see cref="Forward"/> and <see cref="Publish"/> is set.</summary>
public sealed record RouteOptions
{
    /// <summary>Which requests.</summary>
    public MatchOptions Match { get; init; } = new();

    /// <summary>
    /// Of routes that take the same request, the one with the higher number gets it, whatever else they say. -1000 to 1000, default 0: then the one that
    /// says more exactly what it takes.
    /// </summary>
    public int Priority { get; init; }

    /// <summary>Who may call; null for the default.</summary>
    public RouteAuthOptions? Auth { get; init; }

    /// <summary>How many requests it lets through; null for all.</summary>
    public RouteLimitOptions? Limit { get; init; }

    /// <summary>Sends the request on to a service.</summary>
    public ForwardOptions? Forward { get; init; }

    /// <summary>Stores the request as an event and answers 202 once that is durable.</summary>
    public PublishOptions? Publish { get; init; }

    /// <summary>The version of the API that it serves; null for none.</summary>
    public VersionOptions? Version { get; init; }

    /// <summary>Which pages of other origins may read its answers; null for none.</summary>
    public CorsOptions? Cors { get; init; }

    /// <summary>How long until the response headers must have come, then 504. 1 ms to 1 h; null for the deadline of the service's policy, which it never exceeds.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The largest request body in bytes; null for that of the server.</summary>
    public long? MaxBody { get; init; }

    /// <summary>False takes it out as if it were not written. Default true.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>Which requests a route takes; all that are set must hold.</summary>
public sealed record MatchOptions
{
    /// <summary>The path: literal segments, <c>{name}</c> for one segment, <c>{**name}</c> at the end for all that follow.</summary>
    public string Path { get; init; } = "";

    /// <summary>The methods; empty for all.</summary>
    public OptionsList<string> Methods { get; init; } = [];

    /// <summary>The host, or <c>*.example.com</c> for all below it; null for all.</summary>
    public string? Host { get; init; }

    /// <summary>
    /// Headers and their values: a text that is compared as it stands, <c>*</c> for any, or <c>abc*</c> for a beginning. A header that is sent twice
    /// fulfils only <c>*</c>.
    /// </summary>
    public OptionsMap<string> Headers { get; init; } = [];

    /// <summary>Names in the query and their values, as <see cref="Headers"/>.</summary>
    public OptionsMap<string> Query { get; init; } = [];

    /// <summary>A condition over the request (<c>request path query headers vars</c>); null for none. Without a value it counts as no match.</summary>
    public string? When { get; init; }

    /// <summary>The name of the rest of the path, such as <c>rest</c> of <c>/orders/{**rest}</c>; null for none.</summary>
    internal string? Tail => Path.LastIndexOf('/') is >= 0 and var slash && Path.AsSpan(slash + 1) is ['{', '*', .., '}'] last ? last[1..^1].TrimStart('*').ToString() : null;
}

/// <summary>Sends a request on to a service, streaming both ways but for what is changed.</summary>
public sealed record ForwardOptions
{
    /// <summary>The largest request in bytes that is read for <see cref="Body"/> where the route says nothing.</summary>
    internal const long DefaultMaxRead = 1024 * 1024;

    /// <summary>The name under <c>services</c>.</summary>
    public string Service { get; init; } = "";

    /// <summary>The method that the service gets; null for that of the request.</summary>
    public string? Method { get; init; }

    /// <summary>
    /// The path that the service gets: a text that may have holes over the request such as <c>/orders/{path.rest}</c>, begun with <c>/</c> and without a query. Values are
    /// escaped, so that none leaves its segment; the hole of the rest of the path alone keeps its slashes. Null for the path of the request. A request of which it cannot be
    /// made is answered with 400.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>
    /// Names in the query and the values that the service gets, which may have holes; an empty one takes the name out, and so does one that cannot be made of a request.
    /// What is not named stays as it was written.
    /// </summary>
    public OptionsMap<string> Query { get; init; } = [];

    /// <summary>
    /// Headers and the values that the service gets, which may have holes; an empty one takes the header out, and so does one that cannot be made of a request. Headers that frame
    /// a message or that the gateway writes itself cannot be named.
    /// </summary>
    public OptionsMap<string> Headers { get; init; } = [];

    /// <summary>
    /// The JSON body that the service gets: an expression over the request, or a map or list of them. The body of the request is read whole for it, up to
    /// <see cref="RouteOptions.MaxBody"/>, or 1 MB where the route says nothing. Null for the body as it is, streamed.
    /// </summary>
    public CelTree? Body { get; init; }

    /// <summary>What becomes of the answer; null for nothing.</summary>
    public ResponseOptions? Response { get; init; }
}

/// <summary>What becomes of the answer of a service on its way to the client.</summary>
public sealed record ResponseOptions
{
    /// <summary>
    /// Headers and the values that the client gets, which may have holes over the request and <c>response.status</c>, <c>response.headers</c>; an empty one takes the header out, and
    /// so does one that cannot be made. Holds for every status.
    /// </summary>
    public OptionsMap<string> Headers { get; init; } = [];

    /// <summary>
    /// The JSON body that the client gets in place of that of an answer of 2xx: an expression over the request and <c>response.status</c>, <c>response.headers</c>,
    /// <c>response.body</c>, or a map or list of them. The answer is read whole for it; one that is no JSON or too large is answered with 502. Null for the body as it is, streamed.
    /// </summary>
    public CelTree? Body { get; init; }

    /// <summary>The largest answer in bytes that is read for <see cref="Body"/>. 1 to 64 MB, default 1 MB.</summary>
    public int MaxBody { get; init; } = 1024 * 1024;
}

/// <summary>Stores a request as an event.</summary>
public sealed record PublishOptions
{
    /// <summary>The name under <c>topics</c>.</summary>
    public string Topic { get; init; } = "";

    /// <summary>
    /// The event type, a text that may have holes over the request such as <c>payment.{body.type}</c>; the body becomes the data. Null: the
    /// request must be a CloudEvent and is published as it is.
    /// </summary>
    public string? Type { get; init; }

    /// <summary>The event's <c>partitionkey</c>: an expression over the request such as <c>body.id</c>; null for none. Only with <see cref="Type"/>.</summary>
    public string? Key { get; init; }
}

/// <summary>The version of an API that a route serves.</summary>
public sealed record VersionOptions
{
    /// <summary>The version, such as <c>1</c>.</summary>
    public string Is { get; init; } = "";

    /// <summary>Since when it should not be used any more (RFC 9745); null for not.</summary>
    public DateTimeOffset? Deprecated { get; init; }

    /// <summary>From when on it is not served any more (RFC 8594) and answered with 410; null for never. Not before <see cref="Deprecated"/>.</summary>
    public DateTimeOffset? Sunset { get; init; }

    /// <summary>The address of a page that says what to use instead; null for none.</summary>
    public string? Link { get; init; }
}

/// <summary>Which pages of other origins may read the answers of a route.</summary>
public sealed record CorsOptions
{
    /// <summary>The origins, such as <c>https://app.example.com</c>; <c>*</c> for all, which goes without <see cref="Credentials"/> only.</summary>
    public OptionsList<string> Origins { get; init; } = [];

    /// <summary>The request headers that a page may set beyond the usual; <c>*</c> for all.</summary>
    public OptionsList<string> Headers { get; init; } = [];

    /// <summary>The response headers that a page may read beyond the usual.</summary>
    public OptionsList<string> Expose { get; init; } = [];

    /// <summary>Whether a page may send cookies and credentials. Default false.</summary>
    public bool Credentials { get; init; }

    /// <summary>How long a browser may keep the answer to a preflight. 0 s to 1 day, default 10 min.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(10);
}
