using Weft.Expressions;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>The <c>when</c> of a subscription.</summary>
/// <remarks>Safe for use from many threads.</remarks>
internal sealed class Condition
{
    private readonly WeftOptions _options;
    private Place _place;

    /// <exception cref="ArgumentException">The expression is wrong.</exception>
    public Condition(string subscription, string when, WeftOptions options)
    {
        (Subscription, When, _options) = (subscription, when, options);
        _place = new(new ConditionSet([this], options.Vars), 0);
    }

    /// <summary>Whose it is.</summary>
    public string Subscription { get; }

    /// <summary>The expression.</summary>
    public string When { get; }

    /// <summary>The conditions that an event is read for together with this one.</summary>
    public ConditionSet Set => Volatile.Read(ref _place).Set;

    /// <summary>Has an event be read once for all of these. They are of one topic and have the same <c>vars</c>.</summary>
    public static void Join(IReadOnlyList<Condition> conditions)
    {
        if (conditions.Count == 0 || conditions.All(c => c.Set == conditions[0].Set && c.Set.Count == conditions.Count))
            return;
        var set = new ConditionSet(conditions, conditions[0]._options.Vars);
        for (int i = 0; i < conditions.Count; i++)
            Volatile.Write(ref conditions[i]._place, new(set, i));
    }

    /// <summary>True, false, or why it is neither.</summary>
    public CelValue Evaluate(in Delivery<Message> delivery)
    {
        var place = Volatile.Read(ref _place);
        return place.Set.Evaluate(place.Number, delivery);
    }

    /// <inheritdoc cref="Evaluate(in Delivery{Message})"/>
    public CelValue Evaluate(in Message message) => Evaluate(new Delivery<Message>(message, 0, default, 1, Again: true));

    private sealed record Place(ConditionSet Set, int Number);
}
