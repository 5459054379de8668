using System.Text;
using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Data;
using Weft.Expressions.Library;
using Weft.Expressions.Planning;
using Weft.Expressions.Syntax;
using Weft.Tests.Expressions.Data;

namespace Weft.Tests.Expressions.Fuzz;

/// <summary>Weft's side of a case: evaluated as the other engines do, without refusing what is ill typed before it runs.</summary>
internal static class FuzzRun
{
    private static readonly Registry s_registry = MakeRegistry();
    private static readonly Scope s_untyped = new(s_registry, [.. ExpressionGenerator.Variables.Select(v => new VariableDeclaration(v.Name, CelType.Dyn))]);
    private static readonly Scope s_byPath = new(s_registry, [.. ExpressionGenerator.Variables.Select(v => new VariableDeclaration(v.Name, CelType.Dyn, ByPath: true))]);
    private static readonly Scope s_typed = new(s_registry, [.. ExpressionGenerator.Variables.Select(v => new VariableDeclaration(v.Name, v.Type.ToCelType()))]);

    /// <summary>Evaluates a case whose variables are of types that show only now.</summary>
    public static CelValue Evaluate(FuzzCase one) => Prepare(one, s_untyped, out _) is var (plan, frame, _) ? plan.Evaluate(frame) : s_notParsed;

    /// <summary>What a case gives when it is evaluated in other ways, which must give the same.</summary>
    public static IEnumerable<(string Way, string Result)> OtherWays(FuzzCase one)
    {
        if (Prepare(one, s_typed, out var type) is not var (plan, frame, _))
            yield break;
        var value = plan.Evaluate(frame);
        var text = FuzzValues.Show(value);
        if (type is not null)
        {
            yield return ("with declared types", text);
            if (!value.IsError)
                yield return ("of the type that the checker says", Fits(type, value) ? text : type.ToString());
        }
        if (JsonOf(plan, frame) is var (made, written))
            yield return ("written as JSON without making it first", made == written ? text : $"{written} instead of {made}");
        if (one.Variables.Count > 0 && one.Variables.Values.All(IsJson))
        {
            var inJson = one with { Variables = one.Variables.ToDictionary(v => v.Key, v => CelValue.FromJson(Encoding.UTF8.GetBytes(ToJson(v.Value)!))) };
            yield return ("with data in JSON", FuzzValues.Show(Evaluate(inJson)));
            yield return ("with paths read from JSON", FuzzValues.Show(EvaluateByPath(one)));
        }
    }

    /// <summary>Evaluates a case over what is read of its variables by path, the fields of items in loops included.</summary>
    private static CelValue EvaluateByPath(FuzzCase one)
    {
        if (Prepare(one, s_byPath, out _) is not var (plan, frame, slots))
            return s_notParsed;
        foreach (var paths in slots.Paths.GroupBy(p => p.Variable).Where(g => one.Variables.ContainsKey(g.Key)))
            new JsonPaths([.. paths], depth: 0).Fill(DataRun.InPage(ToJson(one.Variables[paths.Key])!), isTrusted: false, frame);
        return plan.Evaluate(frame);
    }

    private static (Plan, Frame, SlotTable)? Prepare(FuzzCase one, Scope scope, out CelType? type)
    {
        var problems = new List<CelProblem>();
        type = null;
        if (Parser.Parse(one.Expression, s_registry, CelLimits.Default, problems) is not { } tree)
            return null;
        var found = Checker.Check(tree, scope, problems);
        if (problems.TrueForAll(p => p.IsWarning))
            type = found;
        var slots = new SlotTable();
        var plan = Planner.Plan(tree, slots);
        var frame = new Frame(slots.Paths.Count, plan.Locals, CelLimits.Default);
        foreach (var slot in slots.Paths)
            frame.Slots[slot.Number] = one.Variables.TryGetValue(slot.Variable, out var value) ? value : slot.NotGiven;
        return (plan, frame, slots);
    }

    private static bool Fits(CelType type, in CelValue value) => type.Kind == CelTypeKind.Dyn || Overload.Accepts(type.Kind, value.Kind);

    /// <summary>The value of a plan as JSON: from the value, and written by the plan; null when it has none.</summary>
    private static (string Made, string? Written)? JsonOf(Plan plan, Frame frame)
    {
        if (ToJson(plan.Evaluate(frame)) is not { } made)
            return null;
        using var buffer = new JsonBuffer();
        return (made, buffer.Write(plan, frame, out var json) is null ? Encoding.UTF8.GetString(json.Span) : null);
    }

    /// <summary>Whether a value comes back the same from JSON.</summary>
    private static bool IsJson(CelValue value) => value.Kind switch
    {
        CelKind.Null or CelKind.Bool or CelKind.Int or CelKind.String => true,
        CelKind.Double => double.IsFinite(value.AsDouble) && value.AsDouble != Math.Truncate(value.AsDouble),
        CelKind.List => value.Items.ToArray().All(IsJson),
        CelKind.Map => Enumerable.Range(0, value.AsMap.Count).All(i => IsJson(value.AsMap.Entry(i).Value)),
        _ => false,
    };

    private static string? ToJson(CelValue value)
    {
        using var buffer = new JsonBuffer();
        return buffer.Write(new Plan(new ConstantNode(value), 0), new Frame(0, 0, CelLimits.Default), out var json) is null ? Encoding.UTF8.GetString(json.Span) : null;
    }

    private static readonly CelValue s_notParsed = CelValue.Of(CelError.Argument("It cannot be parsed."));

    private static Registry MakeRegistry()
    {
        var registry = new Registry();
        Libraries.Register(registry, imageTemplate: null);
        return registry;
    }
}
