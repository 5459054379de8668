using System.Collections.Frozen;
using System.Text;
using Weft.Diagnostics;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Expressions.Planning;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Transforms;

/// <summary>What a route changes on a request before the service gets it: method, path, query, headers and body. Done once, whatever is tried after.</summary>
internal sealed class RequestTransform
{
    private static readonly string[] s_ofBody = ["Content-Type", "Content-Encoding", "Content-Language", "Content-Location", "Content-MD5", "Content-Range", "Digest", "Content-Digest", "Repr-Digest", "Expect"];

    // An answer that is read to be changed has to come whole and as it is.
    private static readonly string[] s_ofAnswer = ["Accept-Encoding", "Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"];

    private readonly string _place;
    private readonly string? _method;
    private readonly RuleSet _rules;
    private readonly RequestSlots _slots;
    private readonly Plan? _path;
    private readonly QueryEdit? _query;
    private readonly (string Name, Plan? Value)[] _headers;
    private readonly JsonBodyMaker? _body;
    private readonly FrozenSet<string> _replaced;

    private RequestTransform(string route, ForwardOptions forward, MatchOptions match, OptionsMap<string> vars)
    {
        _place = $"routes.{route}.forward";
        _method = forward.Method;
        _rules = new RuleSet(Places.Caller, CelLimits.Default, vars);
        _path = forward.Path is { } path ? _rules.Require(path, TemplatePlace.Url, _place + ".path", match.Tail) : null;
        _query = forward.Query.Count > 0 ? new(forward.Query.Select(q => (q.Key, Plan(q, TemplatePlace.QueryValue, "query")))) : null;
        _headers = [.. forward.Headers.Select(h => (h.Key, Plan(h, TemplatePlace.HeaderValue, "headers")))];
        _slots = new RequestSlots(_rules.Slots);
        _body = forward.Body is { } body ? new(body, _place + ".body", vars) : null;
        _replaced = forward.Headers.Keys.Concat(_body is null ? [] : s_ofBody).Concat(forward.Response?.Body is null ? [] : s_ofAnswer).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        Sentence = $"Changes the request: {string.Join("; ", Sentences(forward))}.";

        Plan? Plan(KeyValuePair<string, string> entry, TemplatePlace place, string key) => entry.Value.Length == 0 ? null : _rules.Require(entry.Value, place, $"{_place}.{key}.{entry.Key}");
    }

    /// <summary>What it does.</summary>
    public string Sentence { get; }

    /// <summary>What a route changes; null for nothing.</summary>
    /// <exception cref="ArgumentException">An expression is wrong.</exception>
    public static RequestTransform? Of(string route, ForwardOptions forward, MatchOptions match, OptionsMap<string> vars) =>
        forward is { Method: null, Path: null, Body: null, Query.Count: 0, Headers.Count: 0, Response: null or { Body: null } } ? null : new(route, forward, match, vars);

    /// <summary>Whether a header of the client stays behind.</summary>
    public bool Replaces(string name) => _replaced.Contains(name);

    /// <summary>Makes the changes and notes them in the exchange.</summary>
    public async ValueTask<Problem?> RunAsync(GatewayExchange exchange)
    {
        if (ChangeHead(exchange) is { } wrong)
            return wrong;
        if (_body is null)
            return null;
        var (body, problem) = await _body.MakeAsync(exchange).ConfigureAwait(false);
        exchange.Body = body;
        return problem;
    }

    private Problem? ChangeHead(GatewayExchange exchange)
    {
        exchange.Method = _method ?? exchange.Method;
        var frame = _rules.Rent();
        try
        {
            _slots.Fill(new RequestView(exchange.Context), default, frame);
            var query = exchange.Target.IndexOf('?', StringComparison.Ordinal);
            var path = query < 0 ? exchange.Target : exchange.Target[..query];
            if (_path is not null)
            {
                var made = _path.Evaluate(frame);
                if (made.IsError)
                    return Refused($"The path for the service cannot be made of this request: {made.Error!.Message}");
                path = Encoding.UTF8.GetString(made.AsSpan);
            }
            var text = query < 0 ? "" : exchange.Target[(query + 1)..];
            if (_query is not null)
                text = _query.Apply(text, plan => Text(plan, frame));
            exchange.Target = text.Length == 0 ? path : $"{path}?{text}";
            foreach (var (name, value) in _headers)
            {
                if (value is not null && Text(value, frame) is { Length: > 0 } set)
                    exchange.Headers.Add((name, set));
            }
            if (_body is not null && !exchange.Headers.Exists(h => h.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
                exchange.Headers.Add(("Content-Type", "application/json"));
            return null;
        }
        finally
        {
            _rules.Return(frame);
        }
    }

    // What has no value is left out, also when the caller sent something of the same name: nobody is to put it in place of what the file says.
    private string? Text(Plan plan, Frame frame)
    {
        var made = plan.Evaluate(frame);
        if (!made.IsError)
            return Encoding.UTF8.GetString(made.AsSpan);
        WeftMeter.RuleErrors.Add(1, new KeyValuePair<string, object?>("rule", _place));
        return null;
    }

    private static Problem Refused(string detail) => new(ProblemKind.BadRequest, detail);

    private static IEnumerable<string> Sentences(ForwardOptions forward)
    {
        if (forward.Method is { } method)
            yield return $"method {method}";
        if (forward.Path is { } path)
            yield return $"path {path}";
        foreach (var (name, value) in forward.Query)
            yield return value.Length == 0 ? $"no {name} in the query" : $"{name}={value} in the query";
        foreach (var (name, value) in forward.Headers)
            yield return value.Length == 0 ? $"no header {name}" : $"header {name}: {value}";
        if (forward.Body is not null)
            yield return "a body made of expressions";
        if (forward.Response?.Body is not null)
            yield return "asks for the answer whole and not compressed";
    }
}
