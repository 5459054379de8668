using static Weft.Options.Schema.Forms;

namespace Weft.Options.Schema;

/// <summary>Who may call: the ways to authenticate a caller. Order matters: a section stands after those that it holds.</summary>
internal static class AuthKeys
{
    private static readonly OneOrMore s_secrets = new(new SecretReference(), 10);

    public static Section<CallerCertificateOptions> CallerCertificate { get; } = Section.Of(new CallerCertificateOptions(), "certificates of callers")
        .Key("ca", new FilePath("a file (PEM), relative to this one"), o => o.Ca, (o, v) => o with { Ca = v },
            "The certificates that sign those of callers. The machine's own are not believed.", required: true)
        .Key("required", new Truth(), o => o.Required, (o, v) => o with { Required = v },
            "Whether a connection without a certificate ends at once; if not, auth of the route decides.")
        .ShortFor("ca");

    public static Section<JwtOptions> Jwt { get; } = Section.Of(new JwtOptions(), "signed tokens of an OpenID provider")
        .Key("issuer", Address("an address such as https://id.example.com"), o => o.Issuer, (o, v) => o with { Issuer = v },
            "The issuer, exactly as its tokens name it; https, or http on this machine. Its /.well-known/openid-configuration names its keys.", required: true)
        .Key("audience", new OneOrMore(new Text("a name, or a list of names"), 20), o => o.Audience, (o, v) => o with { Audience = v },
            "The names of this system at the issuer: a token must be for one of them.", required: true)
        .Key("types", new OneOrMore(new Text("a type such as at+jwt, or a list of types"), 20), o => o.Types, (o, v) => o with { Types = v },
            "The types of token (typ) that are taken; at+jwt, JWT and none at all when not said.")
        .Key("skew", new Duration(TimeSpan.Zero, TimeSpan.FromMinutes(5)), o => o.Skew, (o, v) => o with { Skew = v },
            "How much the clocks of issuer and gateway may differ.")
        .Key("refresh", new Duration(TimeSpan.FromSeconds(10), TimeSpan.FromHours(24)), o => o.Refresh, (o, v) => o with { Refresh = v },
            "After how long the keys are read again, in the background.")
        .Key("stale", new Duration(TimeSpan.Zero, TimeSpan.FromDays(30)), o => o.Stale, (o, v) => o with { Stale = v },
            "For how long keys hold that cannot be read again because the issuer is not there.")
        .Key("cache", new Integer(0, 1_000_000), o => o.Cache, (o, v) => o with { Cache = v },
            "How many verified tokens are remembered, so that each is verified once; 0 for none.")
        .Rule(AuthRules.IssuerIsSafe);

    public static Section<ApiKeyOptions> ApiKey { get; } = Section.Of(new ApiKeyOptions(), "API keys in a header")
        .Key("header", Header, o => o.Header, (o, v) => o with { Header = v },
            "The header that carries the key.")
        .Key("keys", new SecretReference(), o => o.Keys, (o, v) => o with { Keys = v },
            "The secret with the accepted keys: NAME KEY a line; KEY may be sha256:HASH.", required: true);

    public static Section<HmacOptions> Hmac { get; } = Section.Of(new HmacOptions(), "signed requests")
        .Key("header", Header, o => o.Header, (o, v) => o with { Header = v },
            "The header that carries the signature.")
        .Key("key", s_secrets, o => o.Key, (o, v) => o with { Key = v },
            "The secret with the key, or a list of them while one follows another.", required: true)
        .Key("form", new Choice<HmacForm>(), o => o.Form, (o, v) => o with { Form = v },
            "How the header is written: plain: signatures behind the prefix; stripe: t=TIME,v1=SIGNATURE.")
        .Key("algorithm", new Choice<HmacAlgorithm>(), o => o.Algorithm, (o, v) => o with { Algorithm = v },
            "The hash.")
        .Key("encoding", new Choice<HmacEncoding>(), o => o.Encoding, (o, v) => o with { Encoding = v },
            "How the signature is written.")
        .Key("prefix", new Text("a text such as sha256="), o => o.Prefix, (o, v) => o with { Prefix = v },
            "What stands before each signature.")
        .Key("text", new Text("a text that ends with {body}, such as {timestamp}.{body}"), o => o.Text, (o, v) => o with { Text = v },
            "The text that is signed: {timestamp} and {id} where they are signed, and {body} at the end.")
        .Key("timestamp", Header, o => o.Timestamp, (o, v) => o with { Timestamp = v },
            "The header with the time of sending, in seconds since 1970. It must be signed.")
        .Key("id", Header, o => o.Id, (o, v) => o with { Id = v },
            "The header with the id of the message. It must be signed; with it, the same message is taken once within the window.")
        .Key("window", new Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), o => o.Window, (o, v) => o with { Window = v },
            "How far the time of sending may be from now.")
        .Rule(AuthRules.TextIsWhole);

    public static Section<ClientCertificateOptions> ClientCertificate { get; } = Section.Of(new ClientCertificateOptions(), "the certificate of the caller")
        .Key("subjects", new ListOf<string>(new Text("a distinguished name such as CN=billing"), 1000), o => o.Subjects, (o, v) => o with { Subjects = v },
            "Distinguished names that may call.")
        .Key("names", new ListOf<string>(new Text("a DNS name, URI or mail address"), 1000), o => o.Names, (o, v) => o with { Names = v },
            "DNS names, URIs and mail addresses of the subject alternative name that may call.")
        .Key("thumbprints", new ListOf<string>(Thumbprint, 1000), o => o.Thumbprints, (o, v) => o with { Thumbprints = v },
            "SHA-256 hashes of certificates that may call.");

    public static Section<AuthOptions> Auth { get; } = Section.Of(new AuthOptions(), "a way to authenticate")
        .Key("jwt", Jwt, o => o.Jwt, (o, v) => o with { Jwt = v },
            "Signed tokens (JWT) of an OpenID provider, sent as Authorization: Bearer.")
        .Key("apiKey", ApiKey, o => o.ApiKey, (o, v) => o with { ApiKey = v },
            "API keys sent in a header.")
        .Key("hmac", Hmac, o => o.Hmac, (o, v) => o with { Hmac = v },
            "Requests signed with a shared key (HMAC), as webhooks are.")
        .Key("clientCertificate", ClientCertificate, o => o.ClientCertificate, (o, v) => o with { ClientCertificate = v },
            "The certificate of the caller's TLS connection, on a listener with clientCertificates.")
        .Later("sign-in with OpenID Connect", "oidc", "session")
        .ExactlyOne("jwt", "apiKey", "hmac", "clientCertificate");

    /// <summary>What a route says when a name is not enough.</summary>
    public static Section<RouteAuthOptions> RouteAuth { get; } = Section.Of(new RouteAuthOptions(), "who may call")
        .Key("anyOf", new OneOrMore(new NameOf("auth", ProcessKeys.AuthNames, noneAllowed: true), 20), o => o.AnyOf, (o, v) => o with { AnyOf = v },
            "Ways to authenticate, tried in their order; one must accept the caller.", required: true)
        .Key("scopes", new OneOrMore(Scope, 100), o => o.Scopes, (o, v) => o with { Scopes = v },
            "What the caller's token must allow, all of them; else 403.")
        .Key("when", new ExpressionText(ExpressionPlace.Caller, isCondition: true), o => o.When, (o, v) => o with { When = v },
            "A condition over claims and the request without its body; 403 where it is not true.")
        .Rule(AuthRules.NoneIsAlone);
}
