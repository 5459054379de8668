using System.Text;
using Microsoft.AspNetCore.Http;
using Weft.Diagnostics;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Expressions.Planning;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Transforms;

/// <summary>What a route changes on the answer of a service before the client gets it.</summary>
internal sealed class ResponseTransform
{
    private readonly string _place;
    private readonly RuleSet _rules;
    private readonly RequestSlots _request;
    private readonly ResponseSlots _response;
    private readonly (string Name, Plan? Value)[] _headers;
    private readonly Plan? _body;

    private ResponseTransform(string route, ResponseOptions options, OptionsMap<string> vars)
    {
        _place = $"routes.{route}.forward.response";
        MaxBody = options.MaxBody;
        _rules = new RuleSet(Places.Response, CelLimits.Default, vars);
        _headers = [.. options.Headers.Select(h => (h.Key, h.Value.Length == 0 ? null : _rules.Require(h.Value, TemplatePlace.HeaderValue, $"{_place}.headers.{h.Key}")))];
        _body = options.Body is { } body ? _rules.Require(body, _place + ".body") : null;
        (_request, _response) = (new RequestSlots(_rules.Slots), new ResponseSlots(_rules.Slots));
        Sentence = $"Changes the answer: {string.Join("; ", options.Headers.Select(h => h.Value.Length == 0 ? $"no header {h.Key}" : $"header {h.Key}: {h.Value}").Concat(_body is null ? [] : ["a body made of expressions, for 2xx"]))}.";
    }

    /// <summary>What it does.</summary>
    public string Sentence { get; }

    /// <summary>Whether the body is made anew.</summary>
    public bool HasBody => _body is not null;

    /// <summary>The largest body in bytes that is read to be changed.</summary>
    public int MaxBody { get; }

    /// <summary>What a route changes; null for nothing.</summary>
    /// <exception cref="ArgumentException">An expression is wrong.</exception>
    public static ResponseTransform? Of(string route, ResponseOptions options, OptionsMap<string> vars) =>
        options is { Headers.Count: 0, Body: null } ? null : new(route, options, vars);

    /// <summary>Changes the headers, once those of the service are there.</summary>
    public void ChangeHead(HttpContext context)
    {
        if (_headers.Length == 0)
            return;
        var frame = _rules.Rent();
        try
        {
            Fill(context, default, frame);
            // All are made of what the service sent, whatever becomes of it.
            var values = Array.ConvertAll(_headers, h => h.Value is null ? null : Text(h.Value, frame));
            for (var i = 0; i < values.Length; i++)
            {
                if (string.IsNullOrEmpty(values[i]))
                    context.Response.Headers.Remove(_headers[i].Name);
                else
                    context.Response.Headers[_headers[i].Name] = values[i];
            }
        }
        finally
        {
            _rules.Return(frame);
        }
    }

    /// <summary>Makes the body anew.</summary>
    /// <returns>The body, or why there is none.</returns>
    public (byte[]? Body, string? Why) MakeBody(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var frame = _rules.Rent();
        try
        {
            Fill(context, body, frame);
            using var buffer = new JsonBuffer();
            if (buffer.Write(_body!, frame, out var json) is not { } error)
                return (json.ToArray(), null);
            WeftMeter.RuleErrors.Add(1, new KeyValuePair<string, object?>("rule", _place + ".body"));
            return (null, error.Message);
        }
        finally
        {
            _rules.Return(frame);
        }
    }

    private void Fill(HttpContext context, ReadOnlyMemory<byte> body, Frame frame)
    {
        var headers = context.Response.Headers;
        _request.Fill(new RequestView(context), default, frame);
        _response.Fill(context.Response.StatusCode, name => headers.TryGetValue(name, out var values) ? values.ToString() : null,
            () => headers.Select(h => KeyValuePair.Create(h.Key.ToLowerInvariant(), h.Value.ToString())), body, frame);
    }

    private string? Text(Plan plan, Frame frame)
    {
        var made = plan.Evaluate(frame);
        if (!made.IsError)
            return Encoding.UTF8.GetString(made.AsSpan);
        WeftMeter.RuleErrors.Add(1, new KeyValuePair<string, object?>("rule", _place + ".headers"));
        return null;
    }
}
