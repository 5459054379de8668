using Weft.Expressions.Library;

namespace Weft.Expressions.Syntax;

/// <summary>
/// <c>has</c> and the loops over lists and maps: the standard ones with one variable (CEL language definition, section "Macros"), and those
/// with two of the extension "two-variable comprehensions": index and item of a list, key and value of a map.
/// </summary>
internal static class LoopMacros
{
    public static void Register(Registry registry)
    {
        registry.Macro(new Macro("has", IsMember: false, 1, Has));
        registry.Macro(new Macro("all", IsMember: true, 2, (c, p, t, a) => All(c, p, t!, a, 1)));
        registry.Macro(new Macro("exists", IsMember: true, 2, (c, p, t, a) => Exists(c, p, t!, a, 1)));
        registry.Macro(new Macro("exists_one", IsMember: true, 2, (c, p, t, a) => ExistsOne(c, p, t!, a, 1)));
        registry.Macro(new Macro("existsOne", IsMember: true, 2, (c, p, t, a) => ExistsOne(c, p, t!, a, 1)));
        registry.Macro(new Macro("map", IsMember: true, 2, (c, p, t, a) => Map(c, p, t!, a, 1)));
        registry.Macro(new Macro("map", IsMember: true, 3, (c, p, t, a) => Map(c, p, t!, a, 1)));
        registry.Macro(new Macro("filter", IsMember: true, 2, Filter));
    }

    public static void RegisterTwoVariables(Registry registry)
    {
        registry.Macro(new Macro("all", IsMember: true, 3, (c, p, t, a) => All(c, p, t!, a, 2)));
        registry.Macro(new Macro("exists", IsMember: true, 3, (c, p, t, a) => Exists(c, p, t!, a, 2)));
        registry.Macro(new Macro("existsOne", IsMember: true, 3, (c, p, t, a) => ExistsOne(c, p, t!, a, 2)));
        registry.Macro(new Macro("exists_one", IsMember: true, 3, (c, p, t, a) => ExistsOne(c, p, t!, a, 2)));
        registry.Macro(new Macro("transformList", IsMember: true, 3, (c, p, t, a) => Map(c, p, t!, a, 2)));
        registry.Macro(new Macro("transformList", IsMember: true, 4, (c, p, t, a) => Map(c, p, t!, a, 2)));
        registry.Macro(new Macro("transformMap", IsMember: true, 3, (c, p, t, a) => TransformMap(c, p, t!, a, ComprehensionForm.TransformMap)));
        registry.Macro(new Macro("transformMap", IsMember: true, 4, (c, p, t, a) => TransformMap(c, p, t!, a, ComprehensionForm.TransformMap)));
        registry.Macro(new Macro("transformMapEntry", IsMember: true, 3, (c, p, t, a) => TransformMap(c, p, t!, a, ComprehensionForm.TransformMapEntry)));
        registry.Macro(new Macro("transformMapEntry", IsMember: true, 4, (c, p, t, a) => TransformMap(c, p, t!, a, ComprehensionForm.TransformMapEntry)));
    }

    private static SelectExpr? Has(MacroContext context, TextSpan place, Expr? target, Expr[] arguments)
    {
        if (arguments[0] is SelectExpr { IsTest: false } select)
            return new SelectExpr(context.NextId(), place, select.Operand, select.Field, isTest: true);
        context.Report(arguments[0].Place, "has() takes a field, as in has(event.data.total). Whether a key is in a map says: 'key' in map.");
        return null;
    }

    private static ComprehensionExpr? All(MacroContext context, TextSpan place, Expr target, Expr[] arguments, int count)
    {
        if (!LoopVariables.TryRead(context, arguments.AsSpan(0, count), out var variables))
            return null;
        var make = new MacroNodes(context, place);
        var predicate = arguments[count];
        return make.Loop(ComprehensionForm.All, target, variables, make.Literal(CelValue.True),
            make.Call(Operators.NotStrictlyFalse, make.Accumulator), make.Call(Operators.And, make.Accumulator, predicate), predicate, body: null);
    }

    private static ComprehensionExpr? Exists(MacroContext context, TextSpan place, Expr target, Expr[] arguments, int count)
    {
        if (!LoopVariables.TryRead(context, arguments.AsSpan(0, count), out var variables))
            return null;
        var make = new MacroNodes(context, place);
        var predicate = arguments[count];
        return make.Loop(ComprehensionForm.Exists, target, variables, make.Literal(CelValue.False),
            make.Call(Operators.NotStrictlyFalse, make.Call(Operators.Not, make.Accumulator)), make.Call(Operators.Or, make.Accumulator, predicate), predicate, body: null);
    }

    private static ComprehensionExpr? ExistsOne(MacroContext context, TextSpan place, Expr target, Expr[] arguments, int count)
    {
        if (!LoopVariables.TryRead(context, arguments.AsSpan(0, count), out var variables))
            return null;
        var make = new MacroNodes(context, place);
        var predicate = arguments[count];
        var one = make.Literal(CelValue.Of(1));
        return make.Loop(ComprehensionForm.ExistsOne, target, variables, make.Literal(CelValue.Of(0)), make.Literal(CelValue.True),
            make.Call(Operators.Conditional, predicate, make.Call(Operators.Add, make.Accumulator, one), make.Accumulator),
            predicate, body: null, make.Call(Operators.Equal, make.Accumulator, make.Literal(CelValue.Of(1))));
    }

    /// <summary><c>map</c> and <c>transformList</c>, with a predicate before the body or without.</summary>
    private static ComprehensionExpr? Map(MacroContext context, TextSpan place, Expr target, Expr[] arguments, int count)
    {
        if (!LoopVariables.TryRead(context, arguments.AsSpan(0, count), out var variables))
            return null;
        var make = new MacroNodes(context, place);
        var body = arguments[^1];
        var predicate = arguments.Length == count + 2 ? arguments[count] : null;
        Expr step = make.Call(Operators.Add, make.Accumulator, make.List(body));
        if (predicate is not null)
            step = make.Call(Operators.Conditional, predicate, step, make.Accumulator);
        return make.Loop(ComprehensionForm.Map, target, variables, make.List(), make.Literal(CelValue.True), step, predicate, body);
    }

    private static ComprehensionExpr? Filter(MacroContext context, TextSpan place, Expr? target, Expr[] arguments)
    {
        if (!LoopVariables.TryRead(context, arguments.AsSpan(0, 1), out var variables))
            return null;
        var make = new MacroNodes(context, place);
        var step = make.Call(Operators.Conditional, arguments[1], make.Call(Operators.Add, make.Accumulator, make.List(make.Name(variables.First))), make.Accumulator);
        return make.Loop(ComprehensionForm.Filter, target!, variables, make.List(), make.Literal(CelValue.True), step, predicate: arguments[1], body: null);
    }

    private static ComprehensionExpr? TransformMap(MacroContext context, TextSpan place, Expr target, Expr[] arguments, ComprehensionForm form)
    {
        if (!LoopVariables.TryRead(context, arguments.AsSpan(0, 2), out var variables))
            return null;
        var make = new MacroNodes(context, place);
        var body = arguments[^1];
        var predicate = arguments.Length == 4 ? arguments[2] : null;
        Expr step = form == ComprehensionForm.TransformMap
            ? make.Call(Operators.MapInsert, make.Accumulator, make.Name(variables.First), body)
            : make.Call(Operators.MapInsert, make.Accumulator, body);
        if (predicate is not null)
            step = make.Call(Operators.Conditional, predicate, step, make.Accumulator);
        return make.Loop(form, target, variables, make.EmptyMap, make.Literal(CelValue.True), step, predicate, body);
    }
}
