using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Expressions.Planning;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Fallback;

/// <summary>A value that is answered in place of a failure: a tree of expressions over the request, compiled once.</summary>
internal sealed class FallbackValue
{
    private static readonly ConditionalWeakTable<CelTree, FallbackValue> s_known = [];

    private readonly RuleSet _rules;
    private readonly RequestSlots _slots;
    private readonly Plan _plan;

    private FallbackValue(CelTree tree, OptionsMap<string> vars)
    {
        _rules = new RuleSet(Places.Request, CelLimits.Default, vars);
        _plan = _rules.Require(tree, "fallback.value");
        _slots = new RequestSlots(_rules.Slots);
    }

    /// <summary>The compiled form of a tree; of one tree there is one.</summary>
    public static FallbackValue Of(CelTree tree, OptionsMap<string> vars) => s_known.GetValue(tree, t => new(t, vars));

    /// <summary>The value as JSON; null when it cannot be made of this request.</summary>
    public byte[]? Make(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var frame = _rules.Rent();
        try
        {
            _slots.Fill(new RequestView(context), body, frame);
            using var buffer = new JsonBuffer();
            return buffer.Write(_plan, frame, out var json) is null ? json.ToArray() : null;
        }
        finally
        {
            _rules.Return(frame);
        }
    }
}
