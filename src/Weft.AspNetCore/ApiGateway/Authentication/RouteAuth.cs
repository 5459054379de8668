using Microsoft.AspNetCore.Http;
using Weft.Diagnostics;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Who may call a route: finds out who calls, and whether that is enough.</summary>
internal sealed class RouteAuth
{
    private readonly string _place;
    private readonly IAuthenticator[] _anyOf;
    private readonly string[] _scopes;
    private readonly RuleSet? _when;
    private readonly RequestSlots? _slots;

    /// <param name="place">Where it stands in the file.</param>
    /// <param name="options">What it says.</param>
    /// <param name="anyOf">The ways to authenticate, of which one must accept the caller.</param>
    /// <param name="vars">The values of <c>vars</c>.</param>
    /// <exception cref="ArgumentException">The condition is wrong.</exception>
    public RouteAuth(string place, RouteAuthOptions options, IEnumerable<IAuthenticator> anyOf, OptionsMap<string> vars)
    {
        (_place, _anyOf, _scopes) = (place, [.. anyOf], [.. options.Scopes]);
        PrivateHeaders = [.. _anyOf.Select(a => a.PrivateHeader).OfType<string>()];
        Sentence = $"Asks for {string.Join(" or ", _anyOf.Select(a => $"{a.Sentence} ({a.Name})"))}"
            + (_scopes.Length > 0 ? $" with {string.Join(' ', _scopes)}" : "") + (options.When is { } condition ? $", and for {condition}" : "") + ".";
        if (options.When is not { } when)
            return;
        _when = new RuleSet(Places.Caller, CelLimits.Default, vars);
        _when.Require(when, place + ".when");
        _slots = new RequestSlots(_when.Slots);
    }

    /// <summary>What it asks of a caller, for people.</summary>
    public string Sentence { get; }

    /// <summary>The ways to authenticate.</summary>
    public IReadOnlyList<IAuthenticator> AnyOf => _anyOf;

    /// <summary>The headers whose values do not go on to services.</summary>
    public string[] PrivateHeaders { get; }

    /// <summary>Whether a header does not go on.</summary>
    public bool IsPrivate(string header)
    {
        foreach (var name in PrivateHeaders)
        {
            if (header.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>A step of the pipeline.</summary>
    public async ValueTask<Problem?> RunAsync(GatewayExchange exchange)
    {
        var context = exchange.Context;
        Refusal? refusal = null;
        try
        {
            foreach (var authenticator in _anyOf)
            {
                var verdict = await authenticator.AuthenticateAsync(context).ConfigureAwait(false);
                if (verdict.Identity is { } identity)
                    return Authorize(exchange, authenticator, identity) is { } no ? Refuse(exchange, no) : null;
                refusal ??= verdict.Refusal;
            }
        }
        catch (BadHttpRequestException e)
        {
            return RequestFailure.Problem(e.StatusCode);
        }
        catch (Exception e) when (e is IOException || e is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            exchange.Abort(clientGone: true);
            return RequestFailure.Problem(StatusCodes.Status400BadRequest);
        }
        return Refuse(exchange, refusal ?? Refusal.Missing);
    }

    private Refusal? Authorize(GatewayExchange exchange, IAuthenticator authenticator, Identity identity)
    {
        exchange.Identity = identity;
        if (_scopes.Length > 0 && !identity.Allows(_scopes))
            return Refusal.Scope;
        return _when is null || Holds(exchange.Context) ? null : Refusal.Condition;
    }

    private bool Holds(HttpContext context)
    {
        var frame = _when!.Rent();
        try
        {
            _slots!.Fill(new RequestView(context), default, frame);
            var value = _when.Evaluate(0, frame);
            if (value.IsError)
                WeftMeter.RuleErrors.Add(1, new KeyValuePair<string, object?>("rule", _place + ".when"));
            return value.Kind == CelKind.Bool && value.AsBool;
        }
        finally
        {
            _when.Return(frame);
        }
    }

    private Problem Refuse(GatewayExchange exchange, Refusal refusal)
    {
        WeftMeter.AuthRefusals.Add(1, new("route", exchange.Route.Name), new("reason", refusal.Reason));
        var response = exchange.Context.Response;
        if (refusal.Kind == ProblemKind.NoKeys)
            response.Headers.RetryAfter = ((int)KeySource.MinInterval.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        else
            response.Headers.WWWAuthenticate = Array.ConvertAll(_anyOf, a => Challenge(a, refusal));
        return refusal == Refusal.Missing ? new(refusal.Kind, $"Send {string.Join(" or ", _anyOf.Select(a => a.Sentence))}.") : refusal.Problem;
    }

    // RFC 6750, section 3: an error is named where there was a token to find one in.
    private string Challenge(IAuthenticator authenticator, Refusal refusal)
    {
        if (authenticator is not JwtAuthenticator || refusal == Refusal.Missing)
            return authenticator.Challenge;
        var error = refusal == Refusal.Scope ? "insufficient_scope"
            : refusal == Refusal.Twice ? "invalid_request"
            : refusal.Kind == ProblemKind.Unauthenticated && refusal != Refusal.ApiKey && refusal != Refusal.Certificate ? "invalid_token" : null;
        if (error is null)
            return authenticator.Challenge;
        return $"{authenticator.Challenge}, error=\"{error}\", error_description=\"{refusal.Text}\"" + (refusal == Refusal.Scope ? $", scope=\"{string.Join(' ', _scopes)}\"" : "");
    }
}
