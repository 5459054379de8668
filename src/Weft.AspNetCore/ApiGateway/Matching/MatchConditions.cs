using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Matching;

/// <summary>What a route asks of a request beyond path, methods and host: headers, query and <c>when</c>. Safe for use from many threads.</summary>
internal sealed class MatchConditions
{
    private readonly KeyValuePair<string, MatchText>[] _headers, _query;
    private readonly string? _when;
    private readonly RuleSet? _rules;
    private readonly RequestSlots? _slots;

    private MatchConditions(string route, MatchOptions match, OptionsMap<string> vars)
    {
        _headers = [.. match.Headers.Select(h => KeyValuePair.Create(h.Key, new MatchText(h.Value)))];
        _query = [.. match.Query.Select(q => KeyValuePair.Create(q.Key, new MatchText(q.Value)))];
        if ((_when = match.When) is null)
            return;
        _rules = new RuleSet(Places.Match, CelLimits.Default, vars);
        _rules.Require(_when, $"routes.{route}.match.when");
        _slots = new RequestSlots(_rules.Slots);
    }

    /// <summary>How many there are: of two routes that take a request, the one with more of them is the more special.</summary>
    public int Count => _headers.Length + _query.Length + (_when is null ? 0 : 1);

    /// <summary>The conditions of a route; null when it has none.</summary>
    /// <exception cref="ArgumentException">The expression is wrong.</exception>
    public static MatchConditions? Of(string route, MatchOptions match, OptionsMap<string> vars) =>
        match.Headers.Count == 0 && match.Query.Count == 0 && match.When is null ? null : new(route, match, vars);

    /// <summary>Whether a request fulfils all of them.</summary>
    public bool Hold(HttpContext context, RouteValueDictionary? path) => WhyNot(context, path, explains: false) is null;

    /// <summary>The first that a request does not fulfil, in words; null when it fulfils all.</summary>
    public string? WhyNot(HttpContext context, RouteValueDictionary? path) => WhyNot(context, path, explains: true);

    private string? WhyNot(HttpContext context, RouteValueDictionary? path, bool explains)
    {
        foreach (var (name, text) in _headers)
        {
            if (!text.Takes(context.Request.Headers[name]))
                return explains ? $"the header {name} is not {text}" : "";
        }
        foreach (var (name, text) in _query)
        {
            if (!text.Takes(context.Request.Query[name]))
                return explains ? $"{name} in the query is not {text}" : "";
        }
        if (_rules is null)
            return null;
        var frame = _rules.Rent();
        try
        {
            _slots!.Fill(new RequestView(context, path), default, frame);
            var held = _rules.Evaluate(0, frame);
            // Without a value it is no match, as everywhere.
            return held.Kind == CelKind.Bool && held.AsBool ? null
                : !explains ? "" : held.IsError ? $"'{_when}' has no value: {held.Error}" : $"'{_when}' is false";
        }
        finally
        {
            _rules.Return(frame);
        }
    }
}

/// <summary>A text that a header or value of the query is compared with: as it stands, <c>*</c> for any value, or <c>abc*</c> for a beginning.</summary>
internal readonly struct MatchText(string text)
{
    private readonly bool _isPrefix = text.EndsWith('*');

    /// <summary>Whether exactly one value was sent, and is taken. Of several, which one a service reads is not known, so none is taken but by <c>*</c>.</summary>
    public bool Takes(in StringValues values) => text == "*" ? values.Count > 0
        : values is [{ } value] && (_isPrefix ? value.AsSpan().StartsWith(text.AsSpan(0, text.Length - 1), StringComparison.Ordinal) : value == text);

    /// <inheritdoc/>
    public override string ToString() => text == "*" ? "there" : text;
}
