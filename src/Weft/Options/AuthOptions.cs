namespace Weft.Options;

/// <summary>A way to authenticate a caller. Exactly one is set.</summary>
public sealed record AuthOptions
{
    /// <summary>Signed tokens (JWT) of an OpenID provider, sent as <c>Authorization: Bearer</c>.</summary>
    public JwtOptions? Jwt { get; init; }

    /// <summary>API keys sent in a header.</summary>
    public ApiKeyOptions? ApiKey { get; init; }

    /// <summary>Requests signed with a shared key, as webhooks are.</summary>
    public HmacOptions? Hmac { get; init; }

    /// <summary>The certificate of the caller's TLS connection.</summary>
    public ClientCertificateOptions? ClientCertificate { get; init; }
}

/// <summary>Signed tokens (RFC 7519) of one issuer, checked as RFC 8725 and RFC 9068 advise; keys are found by OpenID Connect Discovery.</summary>
public sealed record JwtOptions
{
    /// <summary>The issuer, exactly as its tokens name it. <c>https</c>, or <c>http</c> on this machine. Its <c>/.well-known/openid-configuration</c> names its keys.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>The names of this system at the issuer: a token must be for one of them. At least one.</summary>
    public OptionsList<string> Audience { get; init; } = [];

    /// <summary>The types of token (<c>typ</c>) that are taken. Empty for <c>at+jwt</c>, <c>JWT</c> and none at all.</summary>
    public OptionsList<string> Types { get; init; } = [];

    /// <summary>How much the clocks of issuer and gateway may differ. 0 s to 5 min, default 30 s.</summary>
    public TimeSpan Skew { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how long the keys are read again, in the background. 10 s to 24 h, default 15 min.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>For how long keys hold that cannot be read again because the issuer is not there. 0 s to 30 d, default 24 h.</summary>
    public TimeSpan Stale { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many verified tokens are remembered, so that each is verified once. 0 to 1,000,000, default 10,000; they take at most 32 MB.</summary>
    public int Cache { get; init; } = 10_000;
}

/// <summary>API keys sent in a header. Compared in constant time; kept as SHA-256 hashes only.</summary>
public sealed record ApiKeyOptions
{
    /// <summary>The header that carries the key. Default <c>X-Api-Key</c>.</summary>
    public string Header { get; init; } = "X-Api-Key";

    /// <summary>
    /// The secret with the accepted keys: one per line, <c>NAME KEY</c>, where KEY is the key itself or
    /// <c>sha256:</c> and its hash in hexadecimal. Lines that are empty or start with <c>#</c> are skipped.
    /// </summary>
    public string Keys { get; init; } = "";
}

/// <summary>Requests signed with a shared key (HMAC, RFC 2104).</summary>
public sealed record HmacOptions
{
    /// <summary>The header that carries the signature. Default <c>X-Signature</c>.</summary>
    public string Header { get; init; } = "X-Signature";

    /// <summary>The secrets with the keys; any of them is taken, so that one can follow another. At least one. A key <c>whsec_…</c> is base64 behind that prefix.</summary>
    public OptionsList<string> Key { get; init; } = [];

    /// <summary>How the header is written. Default <see cref="HmacForm.Plain"/>.</summary>
    public HmacForm Form { get; init; }

    /// <summary>The hash. Default <see cref="HmacAlgorithm.Sha256"/>.</summary>
    public HmacAlgorithm Algorithm { get; init; }

    /// <summary>How the signature is written. Default <see cref="HmacEncoding.Hex"/>.</summary>
    public HmacEncoding Encoding { get; init; }

    /// <summary>What stands before each signature, such as <c>sha256=</c>; nothing else is taken. Default empty.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The text that is signed, with <c>{body}</c> at its end, and <c>{timestamp}</c> and <c>{id}</c> before it where they are signed. Default <c>{body}</c>.</summary>
    public string Text { get; init; } = "{body}";

    /// <summary>The header with the time of sending, in seconds since 1970. Null for none; with <see cref="HmacForm.Stripe"/> it is in the signature's header.</summary>
    public string? Timestamp { get; init; }

    /// <summary>The header with the id of the message, which must be signed; with it, the same message is taken once within <see cref="Window"/>. Null for none.</summary>
    public string? Id { get; init; }

    /// <summary>How far the time of sending may be from now. 1 s to 1 h, default 5 min.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>How the header of a signature is written.</summary>
public enum HmacForm
{
    /// <summary>Signatures behind the prefix, spaces between several.</summary>
    Plain,

    /// <summary><c>t=TIME,v1=SIGNATURE</c>, several <c>v1</c> allowed; the time is in it and is signed.</summary>
    Stripe,
}

/// <summary>The hash of an HMAC.</summary>
public enum HmacAlgorithm
{
    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-512.</summary>
    Sha512,
}

/// <summary>How a signature is written.</summary>
public enum HmacEncoding
{
    /// <summary>Hexadecimal, in small or capital letters.</summary>
    Hex,

    /// <summary>Base64 with padding.</summary>
    Base64,
}

/// <summary>
/// The certificate of the caller's own TLS connection, which the listener has found to be signed by its CA. No header stands for it. Who is
/// named nowhere here is refused; with nothing named, everybody whom the CA of the listener signed may call.
/// </summary>
public sealed record ClientCertificateOptions
{
    /// <summary>Distinguished names, exactly as <c>CN=billing, O=Example</c>.</summary>
    public OptionsList<string> Subjects { get; init; } = [];

    /// <summary>DNS names, URIs or mail addresses of the subject alternative name.</summary>
    public OptionsList<string> Names { get; init; } = [];

    /// <summary>SHA-256 hashes of certificates in hexadecimal.</summary>
    public OptionsList<string> Thumbprints { get; init; } = [];
}

/// <summary>Who may call a route. From a text: one name, or <c>none</c>.</summary>
public sealed record RouteAuthOptions
{
    /// <summary>Names under <c>auth</c>, tried in their order, of which one must accept the caller; or <c>none</c> alone for everybody.</summary>
    public OptionsList<string> AnyOf { get; init; } = [];

    /// <summary>What the caller's token must allow (<c>scope</c> or <c>scp</c>): all of them, or 403.</summary>
    public OptionsList<string> Scopes { get; init; } = [];

    /// <summary>A condition over <c>claims</c> and the request without its body; 403 where it is not true. Null for none.</summary>
    public string? When { get; init; }

    /// <summary>Whether everybody may call.</summary>
    internal bool IsNone => AnyOf is ["none"];

    /// <summary>Whether a name says it all.</summary>
    internal bool IsPlain => AnyOf.Count == 1 && Scopes.Count == 0 && When is null;

    /// <summary>One entry of <c>auth</c>, or <c>none</c>.</summary>
    /// <param name="name">Its name.</param>
    public static RouteAuthOptions FromString(string name) => new() { AnyOf = [name] };

    /// <inheritdoc cref="FromString"/>
    public static implicit operator RouteAuthOptions(string name) => FromString(name);
}
