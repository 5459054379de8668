using System.Text;
using Microsoft.AspNetCore.Http;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Expressions.Planning;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>What a route makes of a request for the event it publishes: the type and the key.</summary>
internal sealed class EventMaker
{
    private readonly RuleSet _rules;
    private readonly RequestSlots _slots;
    private readonly Plan _type;
    private readonly bool _hasKey;

    /// <exception cref="ArgumentException">An expression is wrong.</exception>
    public EventMaker(string route, string type, string? key, OptionsMap<string> vars)
    {
        _rules = new RuleSet(Places.Request, CelLimits.Default, vars);
        _type = _rules.Require(type, TemplatePlace.Text, $"routes.{route}.publish.type");
        if (key is not null)
            _rules.Require(key, $"routes.{route}.publish.key");
        _hasKey = key is not null;
        _slots = new RequestSlots(_rules.Slots);
    }

    /// <summary>Evaluates type and key for a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="type">The type of the event.</param>
    /// <param name="key">Its partitionkey; null when the request has no value for it.</param>
    /// <returns>Why there is no type; null when there is one.</returns>
    public CelError? TryMake(HttpContext context, ReadOnlyMemory<byte> body, out string type, out string? key)
    {
        (type, key) = ("", null);
        var frame = _rules.Rent();
        try
        {
            _slots.Fill(new RequestView(context), body, frame);
            var made = _type.Evaluate(frame);
            if (made.IsError)
                return made.Error;
            type = Encoding.UTF8.GetString(made.AsSpan);
            if (_hasKey)
                key = EventKey.Text(_rules.Evaluate(0, frame));
            return null;
        }
        finally
        {
            _rules.Return(frame);
        }
    }
}
