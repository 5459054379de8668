using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Options;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>Reads from a request what it is to be balanced by: <c>consistentHash</c>. Safe for use from many threads.</summary>
internal sealed class BalanceKey
{
    private readonly RuleSet _rules;
    private readonly RequestSlots _slots;

    /// <exception cref="ArgumentException">The expression is wrong.</exception>
    public BalanceKey(string service, string expression, OptionsMap<string> vars)
    {
        _rules = new RuleSet(Places.Request, CelLimits.Default, vars);
        _rules.Require(expression, $"services.{service}.balance.consistentHash");
        _slots = new RequestSlots(_rules.Slots);
    }

    /// <summary>The hash of the value that a request has; null when it has none.</summary>
    public ulong? Of(IRequestView request)
    {
        var frame = _rules.Rent();
        try
        {
            _slots.Fill(request, default, frame);
            var value = _rules.Evaluate(0, frame);
            if (value.Kind == CelKind.String)
                return value.AsSpan.IsEmpty ? null : KeyHash.Of(value.AsSpan);
            return EventKey.Text(value) is { Length: > 0 } text ? KeyHash.Of(text) : null;
        }
        finally
        {
            _rules.Return(frame);
        }
    }
}
