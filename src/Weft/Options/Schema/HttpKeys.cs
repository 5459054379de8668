using Weft.Expressions.Data;
using static Weft.Options.Schema.Forms;

namespace Weft.Options.Schema;

/// <summary>The HTTP lane: services and routes.</summary>
internal static class HttpKeys
{
    private static readonly Duration s_stubDelay = new(TimeSpan.Zero, TimeSpan.FromMinutes(10));

    public static Section<EndpointOptions> Endpoint { get; } = Section.Of(new EndpointOptions { Url = "" }, "an instance")
        .Key("url", Address("an address such as http://10.0.0.4:8080"), o => o.Url, (o, v) => o with { Url = v },
            "The base address; its path is put before the path of every call.", required: true)
        .Key("weight", new Integer(1, 10_000), o => o.Weight, (o, v) => o with { Weight = v },
            "Its share of the calls, beside the weights of the others.", remedy: "To send it nothing, take it out of the list.")
        .Key("zone", SystemName, o => o.Zone, (o, v) => o with { Zone = v },
            "Where it is, such as a data centre; instances of the zone of this process are preferred.")
        .ShortFor("url");

    public static Section<StubOptions> Stub { get; } = Section.Of(new StubOptions(), "an answer")
        .Key("status", new Integer(100, 599), o => o.Status, (o, v) => o with { Status = v },
            "The status of the answer.")
        .Key("headers", new MapOf<string>(new Text(), HeaderName), o => o.Headers, (o, v) => o with { Headers = v },
            "Headers of the answer.")
        .Key("body", new TreeShape(ExpressionPlace.Request), o => o.Body, (o, v) => o with { Body = v },
            "The body: an expression over the request, or a map or list of them. A text is sent as text, everything else as JSON, numbers as they are written.")
        .Key("delay", s_stubDelay, o => o.Delay, (o, v) => o with { Delay = v },
            "The wait before the answer.");

    public static Section<ServiceOptions> Service { get; } = Section.Of(new ServiceOptions(), "a service")
        .Key("endpoints", new ListOf<EndpointOptions>(Endpoint), o => o.Endpoints, (o, v) => o with { Endpoints = v },
            "The fixed instances.")
        .Key("stub", new MapOf<StubOptions>(Stub, StubKey), o => o.Stub, (o, v) => o with { Stub = v },
            "Answers given in place of a service, by METHOD /path; for samples, tests and work without a network.")
        .Key("balance", BalanceKeys.Balance, o => o.Balance, (o, v) => o with { Balance = v },
            "How an instance is chosen.")
        .Key("health", BalanceKeys.Health, o => o.Health, (o, v) => o with { Health = v },
            "How it is found that an instance cannot be called.")
        .Key("policy", new NameOf("policies", PolicyKeys.Names), o => o.Policy, (o, v) => o with { Policy = v },
            "What protects the calls to it: a name under policies, standard or none. Standard when not said.")
        .Switch(o => o.Enabled, (o, v) => o with { Enabled = v })
        .Later("instances found by name or registration", "discover", "dns")
        .ExactlyOne("endpoints", "stub")
        .Rule(BalanceRules.DistinctInstances);

    public static Section<MatchOptions> Match { get; } = Section.Of(new MatchOptions(), "which requests")
        .Key("path", RoutePath, o => o.Path, (o, v) => o with { Path = v },
            "The path: literal segments, {name} for one segment, {**name} at the end for all that follow.", required: true)
        .Key("methods", new ListOf<string>(Method, 20), o => o.Methods, (o, v) => o with { Methods = v },
            "The methods; all when none is named.")
        .Key("host", Host, o => o.Host, (o, v) => o with { Host = v },
            "The host, or *.example.com for all below it; all when none is named.")
        .Key("headers", new MapOf<string>(new Text(), HeaderName), o => o.Headers, (o, v) => o with { Headers = v },
            "Headers and their values: a text, * for any, abc* for a beginning.")
        .Key("query", new MapOf<string>(new Text(), QueryName), o => o.Query, (o, v) => o with { Query = v },
            "Names in the query and their values: a text, * for any, abc* for a beginning.")
        .Key("when", new ExpressionText(ExpressionPlace.Match, isCondition: true), o => o.When, (o, v) => o with { When = v },
            "A condition over the request, without its body and claims, which are not known yet. Without a value it counts as no match.");

    public static Section<ResponseOptions> Response { get; } = Section.Of(new ResponseOptions(), "what becomes of an answer")
        .Key("headers", new MapOf<string>(new TemplateText(ExpressionPlace.ResponseHead, TemplatePlace.HeaderValue, "{response.status}"), HeaderName), o => o.Headers, (o, v) => o with { Headers = v },
            "Headers and the values that the client gets; an empty one takes the header out.")
        .Key("body", new TreeShape(ExpressionPlace.Response), o => o.Body, (o, v) => o with { Body = v },
            "The JSON body that the client gets for an answer of 2xx: an expression over the request and response.status, response.headers, response.body, or a map or list of them.")
        .Key("maxBody", new Size(1, 64 << 20), o => o.MaxBody, (o, v) => o with { MaxBody = (int)v },
            "The largest answer that is read for body.")
        .Rule(TransformRules.ResponseHeaders);

    public static Section<ForwardOptions> Forward { get; } = Section.Of(new ForwardOptions(), "where to send a request on")
        .Key("service", new NameOf("services", o => o.Services.Select(s => (s.Key, s.Value.Enabled))), o => o.Service, (o, v) => o with { Service = v },
            "The service that answers.", required: true)
        .Key("method", Method, o => o.Method, (o, v) => o with { Method = v },
            "The method that the service gets; that of the request when not said.")
        .Key("path", new TemplateText(ExpressionPlace.Caller, TemplatePlace.Url, "/orders/{path.rest}"), o => o.Path, (o, v) => o with { Path = v },
            "The path that the service gets; that of the request when not said. The rest of the path keeps its slashes, every other value stays within its segment.")
        .Key("query", new MapOf<string>(new TemplateText(ExpressionPlace.Caller, TemplatePlace.QueryValue, "{vars.region}"), QueryName), o => o.Query, (o, v) => o with { Query = v },
            "Names in the query and the values that the service gets; an empty one takes the name out.")
        .Key("headers", new MapOf<string>(new TemplateText(ExpressionPlace.Caller, TemplatePlace.HeaderValue, "{claims.sub}"), HeaderName), o => o.Headers, (o, v) => o with { Headers = v },
            "Headers and the values that the service gets; an empty one takes the header out.")
        .Key("body", new TreeShape(ExpressionPlace.Request), o => o.Body, (o, v) => o with { Body = v },
            "The JSON body that the service gets: an expression over the request, or a map or list of them. The request is read whole for it.")
        .Key("response", Response, o => o.Response, (o, v) => o with { Response = v },
            "What becomes of the answer.")
        .Rule(TransformRules.Path)
        .Rule(TransformRules.RequestHeaders)
        .Later("shares, copies and sticky sessions", "split", "mirror", "sticky");

    public static Section<PublishOptions> Publish { get; } = Section.Of(new PublishOptions(), "where to store a request as an event")
        .Key("topic", new NameOf("topics", EventBusKeys.TopicNames), o => o.Topic, (o, v) => o with { Topic = v },
            "The topic that keeps it.", required: true)
        .Key("type", new TemplateText(ExpressionPlace.Request, TemplatePlace.Text, "payment.{body.type}"), o => o.Type, (o, v) => o with { Type = v },
            "The type of the event, whose data is the body. Without it the request must be a CloudEvent and is kept as it is.")
        .Key("key", new ExpressionText(ExpressionPlace.Request), o => o.Key, (o, v) => o with { Key = v },
            "The partitionkey of the event, by which a topic orders events when it says nothing else. Goes with type.")
        .Rule(OptionsRules.KeyNeedsType);

    public static Section<LimitOptions> Limit { get; } = Section.Of(new LimitOptions(), "a limit")
        .Key("algorithm", new Choice<LimitAlgorithm>(), o => o.Algorithm, (o, v) => o with { Algorithm = v },
            "How it counts: a rate with bursts, so many in a time, or so many at once.")
        .Key("rate", new Optional<double>(new Rate(1.0 / 3600, 1_000_000)), o => o.Rate, (o, v) => o with { Rate = v },
            "tokenBucket: requests that may go on forever.")
        .Key("burst", new Optional<int>(new Integer(1, 1_000_000)), o => o.Burst, (o, v) => o with { Burst = v },
            "tokenBucket: requests that may come at once after a pause; those of a second when not said, at least 1.")
        .Key("max", new Optional<int>(new Integer(1, 1_000_000)), o => o.Max, (o, v) => o with { Max = v },
            "slidingWindow: requests in each window; concurrency: requests at once.")
        .Key("window", new Optional<TimeSpan>(new Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1))), o => o.Window, (o, v) => o with { Window = v },
            "slidingWindow: its length.")
        .Key("key", new ExpressionText(ExpressionPlace.Caller), o => o.Key, (o, v) => o with { Key = v },
            "What is counted apart: an expression over the request. All together when not said; requests for which it has no value share one count.")
        .Rule(LimitRules.KeysFitAlgorithm);

    public static Section<RouteLimitOptions> RouteLimit { get; } = Section.Of(new RouteLimitOptions(), "the limits of a route")
        .Key("beforeAuth", new NameOf("limits", o => o.Limits.Select(l => (l.Key, true))), o => o.BeforeAuth, (o, v) => o with { BeforeAuth = v },
            "A limit that is asked before the caller is known.")
        .Key("afterAuth", new NameOf("limits", o => o.Limits.Select(l => (l.Key, true))), o => o.AfterAuth, (o, v) => o with { AfterAuth = v },
            "A limit that is asked once the caller is known.")
        .ShortFor("afterAuth")
        .Rule(LimitRules.NoClaimsBeforeAuth);

    public static Section<VersionOptions> Version { get; } = Section.Of(new VersionOptions(), "the version of an API")
        .Key("is", new Text(), o => o.Is, (o, v) => o with { Is = v },
            "The version, such as 1.", required: true)
        .Key("deprecated", new Optional<DateTimeOffset>(new Date()), o => o.Deprecated, (o, v) => o with { Deprecated = v },
            "Since when it should not be used any more (the field Deprecation, RFC 9745).")
        .Key("sunset", new Optional<DateTimeOffset>(new Date()), o => o.Sunset, (o, v) => o with { Sunset = v },
            "From when on it is answered with 410 (the field Sunset, RFC 8594).")
        .Key("link", Address("an address such as https://example.com/versions"), o => o.Link, (o, v) => o with { Link = v },
            "The page that says what to use instead.")
        .ShortFor("is")
        .Rule(RouteRules.SunsetAfterDeprecation);

    public static Section<CorsOptions> Cors { get; } = Section.Of(new CorsOptions(), "which pages of other origins may read answers")
        .Key("origins", new ListOf<string>(Origin, 100), o => o.Origins, (o, v) => o with { Origins = v },
            "The origins, such as https://app.example.com; * for all.", required: true)
        .Key("headers", new ListOf<string>(HeaderOrAll, 100), o => o.Headers, (o, v) => o with { Headers = v },
            "Request headers that a page may set beyond the usual; * for all.")
        .Key("expose", new ListOf<string>(Header, 100), o => o.Expose, (o, v) => o with { Expose = v },
            "Response headers that a page may read beyond the usual.")
        .Key("credentials", new Truth(), o => o.Credentials, (o, v) => o with { Credentials = v },
            "Whether a page may send cookies and credentials.")
        .Key("maxAge", new Duration(TimeSpan.Zero, TimeSpan.FromDays(1)), o => o.MaxAge, (o, v) => o with { MaxAge = v },
            "How long a browser may keep the answer to a preflight.")
        .Rule(RouteRules.CredentialsNeedOrigins);

    public static Section<RouteOptions> Route { get; } = Section.Of(new RouteOptions(), "a route")
        .Key("match", Match, o => o.Match, (o, v) => o with { Match = v },
            "Which requests.", required: true)
        .Key("priority", new Integer(-1000, 1000), o => o.Priority, (o, v) => o with { Priority = v },
            "Of routes that take the same request, the one with the higher number gets it; otherwise the one that says more exactly what it takes.")
        .Key("auth", new RouteAuthShape(), o => o.Auth, (o, v) => o with { Auth = v },
            "Who may call.")
        .Key("limit", RouteLimit, o => o.Limit, (o, v) => o with { Limit = v },
            "How many requests it lets through.")
        .Key("forward", Forward, o => o.Forward, (o, v) => o with { Forward = v },
            "Sends the request on to a service.")
        .Key("publish", Publish, o => o.Publish, (o, v) => o with { Publish = v },
            "Stores the request as an event and answers 202 once that is durable.")
        .Key("version", Version, o => o.Version, (o, v) => o with { Version = v },
            "The version of the API that it serves.")
        .Key("cors", Cors, o => o.Cors, (o, v) => o with { Cors = v },
            "Which pages of other origins may read its answers.")
        .Key("timeout", new Optional<TimeSpan>(new Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1))), o => o.Timeout, (o, v) => o with { Timeout = v },
            "How long until the response headers must have come; then 504. The deadline of the service's policy when not said, which it never exceeds.")
        .Key("maxBody", new Optional<long>(new Size(0, 1L << 40)), o => o.MaxBody, (o, v) => o with { MaxBody = v },
            "The largest request body; that of the server when not said.")
        .Switch(o => o.Enabled, (o, v) => o with { Enabled = v })
        .Later("answers composed of several calls", "compose")
        .Later("asking over a topic", "ask")
        .Later("caching", "cache")
        .ExactlyOne("forward", "publish")
        .Rule(OptionsRules.RouteHasAuth);
}
