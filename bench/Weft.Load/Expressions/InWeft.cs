using System.Text.Json;
using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Data;
using Weft.Expressions.Library;
using Weft.Expressions.Planning;
using Weft.Messages;

namespace Weft.Load.Expressions;

/// <summary>Expressions over a JSON text with the variable <c>order</c>, read by path or as a whole.</summary>
internal sealed class InWeft
{
    private const string Variable = "order";

    // Everything runs on one thread.
    private static readonly JsonBuffer s_output = new();

    private readonly RuleSet _rules;
    private readonly Plan? _transform;
    private readonly JsonPaths _paths;
    private readonly Frame _frame;

    public InWeft(bool byPath, IEnumerable<string> rules, CelTree? transform = null)
    {
        var scope = ScopeOf(new VariableDeclaration(Variable, CelType.Object, byPath));
        _rules = Compile(scope, rules);
        _transform = Plan(transform, scope, _rules);
        _paths = new JsonPaths([.. _rules.Slots.Paths], depth: 0);
        _frame = new Frame(_rules.Slots.Paths.Count, Math.Max(8, _transform?.Locals ?? 0), CelLimits.Default);
    }

    public static Scope ScopeOf(VariableDeclaration variable) => new(Libraries.All, [variable]);

    public static Scope EventScope { get; } = ScopeOf(EventSlots.Variable);

    public InWeft Read(byte[] json)
    {
        _frame.Inputs.Reset();
        _paths.Fill(json, isTrusted: false, _frame);
        return this;
    }

    /// <summary>Gives the variable a value, for expressions that do not read by path.</summary>
    public InWeft Set(in CelValue order)
    {
        _frame.Slots[0] = order;
        return this;
    }

    /// <summary>How many of the rules hold for what was read last.</summary>
    public long Hits() => Hits(_rules, _frame);

    public ReadOnlyMemory<byte> Transform() => Write(_transform!, _frame);

    public static long Hits(RuleSet rules, Frame frame)
    {
        var hits = 0;
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules.Evaluate(i, frame).IsTrue)
                hits++;
        }
        return hits;
    }

    public static ReadOnlyMemory<byte> Write(Plan plan, Frame frame) =>
        s_output.Write(plan, frame, out var json) is { } error ? throw new InvalidOperationException(error.Message) : json;

    public static RuleSet Compile(Scope scope, IEnumerable<string> rules)
    {
        var set = new RuleSet(scope, CelLimits.Default);
        var problems = new List<CelProblem>();
        foreach (var rule in rules)
        {
            if (set.Add(rule, problems) < 0)
                throw new InvalidOperationException($"{rule}: {string.Join(' ', problems)}");
        }
        return set;
    }

    public static Plan? Plan(CelTree? tree, Scope scope, RuleSet slots) => tree is null ? null
        : TreePlanner.Plan(tree, scope, slots.Slots, CelLimits.Default, (path, problem) => throw new InvalidOperationException($"{path}: {problem}"));

    /// <summary>A JSON object as a map that is looked into by hash or one by one, as hosts hand it over that have it in memory anyway.</summary>
    public static CelValue ToMap(JsonElement json) => CelValue.From(Object(json));

    private static object? Object(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().ToDictionary(m => m.Name, m => Object(m.Value)),
        JsonValueKind.Array => json.EnumerateArray().Select(Object).ToList(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.TryGetInt64(out var whole) ? whole : json.GetDouble(),
        _ => throw new InvalidOperationException("The event has no other values."),
    };
}

/// <summary>Expressions over events as the bus stores them, with the variable <c>event</c>.</summary>
internal sealed class OnEvents
{
    private readonly RuleSet _rules;
    private readonly Plan? _transform;
    private readonly EventSlots _slots;
    private readonly Frame _frame;

    public OnEvents(IEnumerable<string> rules, CelTree? transform = null)
    {
        _rules = InWeft.Compile(InWeft.EventScope, rules);
        _transform = InWeft.Plan(transform, InWeft.EventScope, _rules);
        _slots = new EventSlots(_rules.Slots);
        _frame = new Frame(_rules.Slots.Paths.Count, Math.Max(8, _transform?.Locals ?? 0), CelLimits.Default);
    }

    public OnEvents Read(Message message)
    {
        _slots.Fill(message, _frame);
        return this;
    }

    public long Hits() => InWeft.Hits(_rules, _frame);

    public ReadOnlyMemory<byte> Transform() => InWeft.Write(_transform!, _frame);
}
