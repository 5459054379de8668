using Microsoft.Extensions.Logging;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Makes the entries of <c>auth</c> work. What an entry has learnt outlives a reload that does not change it: keys, verified tokens, messages that were taken.</summary>
internal sealed class Authenticators(ISecrets secrets, TimeProvider time, ILoggerFactory logs) : IDisposable
{
    private readonly Lazy<HttpMessageInvoker> _http = new(KeySetClient.Create);
    private IReadOnlyDictionary<string, IAuthenticator> _current = new Dictionary<string, IAuthenticator>();

    /// <summary>Those that routes of the revision in force use, by name.</summary>
    public IReadOnlyDictionary<string, IAuthenticator> Current => Volatile.Read(ref _current);

    /// <summary>Who may call a route; null for everybody.</summary>
    /// <param name="place">Where it stands in the file.</param>
    /// <param name="auth">What the route says; null for the default.</param>
    /// <param name="options">All options.</param>
    /// <param name="made">The entries that were made for these options.</param>
    /// <exception cref="WeftConfigurationException">There is no such entry, or its secret cannot be used.</exception>
    public RouteAuth? Make(string place, RouteAuthOptions? auth, WeftOptions options, Dictionary<string, IAuthenticator> made)
    {
        auth ??= options.Defaults.Auth is { } name ? RouteAuthOptions.FromString(name) : new();
        if (auth is { IsNone: true, IsPlain: true })
            return null;
        // Never open by omission: the file is checked for this too, the builder's options are not.
        if (auth.AnyOf.Count == 0)
            throw new WeftConfigurationException($"{place} is ''; allowed is none or a name under 'auth'. To let everybody in, set auth: none.");
        return new(place, auth, [.. auth.AnyOf.Select(n => Entry(n, place, options, made))], options.Vars);
    }

    /// <summary>Puts those in force that routes use, and begins to read the keys that are not there.</summary>
    public void Commit(IEnumerable<GatewayRoute> routes)
    {
        var current = new Dictionary<string, IAuthenticator>(StringComparer.Ordinal);
        foreach (var entry in routes.SelectMany(r => r.Auth?.AnyOf ?? []))
            current[entry.Name] = entry;
        Volatile.Write(ref _current, current);
        foreach (var jwt in current.Values.OfType<JwtAuthenticator>().Where(j => !j.Keys.IsReady()))
            _ = jwt.Keys.ReadAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_http.IsValueCreated)
            _http.Value.Dispose();
    }

    private IAuthenticator Entry(string name, string place, WeftOptions options, Dictionary<string, IAuthenticator> made)
    {
        if (!options.Auth.TryGetValue(name, out var entry))
            throw new WeftConfigurationException($"{place} is '{name}'; allowed is none or a name under 'auth'. To let everybody in, set auth: none.");
        if (!made.TryGetValue(name, out var found))
            made[name] = found = Entry(name, entry, options);
        return found;
    }

    private IAuthenticator Entry(string name, AuthOptions entry, WeftOptions options)
    {
        var before = Current.GetValueOrDefault(name);
        try
        {
            return entry switch
            {
                { Jwt: { } jwt } => before is JwtAuthenticator same && same.Options == jwt ? same : Jwt(name, jwt),
                { ApiKey: { } keys } => new ApiKeys(name, keys.Header, secrets.Get(keys.Keys, options)),
                { Hmac: { } hmac } => new HmacAuthenticator(name, hmac, hmac.Key.Select(k => secrets.Get(k, options)), (before as HmacAuthenticator)?.Seen ?? new(time), time),
                { ClientCertificate: { } certificate } => new CertificateAuthenticator(name, certificate),
                _ => throw new WeftConfigurationException($"auth.{name} says nothing. Write jwt, apiKey, hmac or clientCertificate."),
            };
        }
        catch (FormatException e)
        {
            throw new WeftConfigurationException($"auth.{name}.{(entry.Hmac is null ? "apiKey.keys" : "hmac.key")}: {e.Message}", e);
        }
    }

    private JwtAuthenticator Jwt(string name, JwtOptions jwt) =>
        jwt.Audience.Count > 0 && Uri.TryCreate(jwt.Issuer, UriKind.Absolute, out _)
            ? new(name, jwt, new(name, jwt, _http.Value, time, logs.CreateLogger<KeySource>()), time)
            : throw new WeftConfigurationException($"auth.{name}.jwt needs issuer, an address, and audience.");
}
