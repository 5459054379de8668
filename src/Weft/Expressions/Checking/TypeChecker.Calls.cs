using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Expressions.Checking;

/// <summary>Calls: which function, which of its overloads, and what they give.</summary>
internal sealed partial class TypeChecker
{
    private readonly List<Overload> _fitting = [];
    private readonly List<(string Name, CelType Unknown)> _parameters = [];

    private CelType Call(CallExpr call)
    {
        if (call.Target is not null && Qualified(call.Target) is { } prefix && scope.FindFunction($"{prefix}.{call.Function}") is { } qualified)
        {
            call.Function = qualified.Name;
            call.Target = null;
        }
        if (call.Target is not null && IsUnknownNamespace(call))
            return Unknown(call, $"{Dotted(call.Target)}.{call.Function}", call.Target.Place.Start);
        if (call.Target is not null)
            Check(call.Target);
        if (scope.FindFunction(call.Function) is not { } function)
            return Unknown(call, call.Function, NameOf(call).Start);
        foreach (var argument in call.Arguments)
            Check(argument);
        call.Meaning = function;
        if (function.Refusal is { } refusal)
        {
            var (start, length) = NameOf(call);
            Report(start, length, refusal);
            return CelType.Error;
        }
        if (call.Target is null)
            call.Function = function.Name;
        return call.Function switch
        {
            Operators.OptionalSelect => OptionalSelect(call, function),
            Operators.And or Operators.Or or Operators.Not or Operators.NotStrictlyFalse => Logic(call, function),
            _ => Resolve(call, function),
        };
    }

    /// <summary>
    /// Whether the target is a name that means nothing while functions have names that begin so, or nearly so: then it was meant as one name.
    /// </summary>
    private bool IsUnknownNamespace(CallExpr call)
    {
        var root = call.Target!;
        while (root is SelectExpr { IsTest: false } select)
            root = select.Operand;
        return root is NameExpr name && Local(name.Name) is null && scope.Find(name.Name) is null
            && (Qualified(call.Target!) is null || scope.Find(Dotted(call.Target!)) is null)
            && (Remedy.Beside($"{Dotted(call.Target!)}.", scope).Any() || Remedy.NearestFunction($"{Dotted(call.Target!)}.{call.Function}", scope) is not null);
    }

    private CelType Unknown(CallExpr call, string name, int start)
    {
        var (place, length) = NameOf(call);
        Report(start, place + length - start, Remedy.UnknownFunction(name, call, scope));
        // What was meant as a macro has arguments that mean nothing without it.
        var outer = _problems;
        if (Remedy.IsNearMacro(name, scope))
            _problems = [];
        foreach (var argument in call.Arguments)
            Check(argument);
        _problems = outer;
        return CelType.Error;
    }

    /// <summary>A regular expression that stands in the text is compiled here, once, and is known to be one before anything is evaluated.</summary>
    private void CheckPattern(CallExpr call)
    {
        var pattern = call.Function switch
        {
            "matches" => call.Arguments[^1],
            "regex.extract" or "regex.extractAll" or "regex.replace" => call.Arguments[1],
            _ => null,
        };
        if (pattern is not LiteralExpr { Value: { Kind: CelKind.String } text })
            return;
        if (CompiledRegex.TryCreate(System.Text.Encoding.UTF8.GetString(text.AsSpan), out var regex, out var error))
            call.Pattern = regex;
        else
            Report(pattern.Place.Start, pattern.Place.Length, error);
    }

    private CelType OptionalSelect(CallExpr call, Function function)
    {
        call.Candidates = function.Overloads;
        var field = call.Arguments[1] is LiteralExpr { Value.Kind: CelKind.String } literal ? System.Text.Encoding.UTF8.GetString(literal.Value.AsSpan) : "";
        return Field(call.Arguments[0].Type!, field, isOptional: true, call.Place);
    }

    /// <summary>Operands of logic are bools, each by itself: so a problem can point to the one that is not, also inside a macro.</summary>
    private CelType Logic(CallExpr call, Function function)
    {
        call.Candidates = function.Overloads;
        foreach (var operand in call.Arguments)
            WantBool(operand);
        return CelType.Bool;
    }

    private bool WantBool(Expr operand)
    {
        if (_types.Fits(CelType.Bool, operand.Type!))
            return true;
        Report(operand.Place.Start, operand.Place.Length, Remedy.NoBool(_types.Resolve(operand.Type!)));
        return false;
    }

    private CelType Resolve(CallExpr call, Function function)
    {
        _fitting.Clear();
        CelType? result = null;
        foreach (var overload in function.OverloadSpan)
        {
            if (!HasForm(overload, call) || !TryFit(overload, call, out var gives))
                continue;
            _fitting.Add(overload);
            result = result is null || result.Equals(gives) ? gives : CelType.Dyn;
        }
        if (result is not null)
        {
            call.Candidates = _fitting.Count == function.Overloads.Count ? function.Overloads : _fitting.ToArray();
            CheckPattern(call);
            return result;
        }
        call.Candidates = [.. function.Overloads.Where(overload => HasForm(overload, call))];
        if (call.Function == Operators.Conditional && !WantBool(call.Arguments[0]))
            return CelType.Error;
        var (start, length) = NameOf(call);
        Report(start, length, Remedy.NoOverload(call, function, expr => _types.Resolve(expr.Type!)));
        return CelType.Error;
    }

    private static bool HasForm(Overload overload, CallExpr call) =>
        overload.IsMember == call.Target is not null && overload.Parameters.Length == call.Arguments.Length + (overload.IsMember ? 1 : 0);

    /// <summary>Whether the arguments fit an overload, and what it gives then.</summary>
    private bool TryFit(Overload overload, CallExpr call, out CelType gives)
    {
        var mark = _types.Mark;
        gives = overload.Result;
        _parameters.Clear();
        for (var i = 0; i < overload.Parameters.Length; i++)
        {
            var argument = call.Target is null ? call.Arguments[i] : i == 0 ? call.Target : call.Arguments[i - 1];
            if (!_types.Fits(Instantiate(overload.Parameters[i], _parameters), argument.Type!))
            {
                _types.Undo(mark);
                return false;
            }
        }
        gives = _types.Resolve(Instantiate(overload.Result, _parameters));
        return true;
    }

    /// <summary>Where the name of a function or the sign of an operator stands.</summary>
    internal static (int Start, int Length) NameOf(CallExpr call)
    {
        if (OperatorText.SignOf(call.Function) is { } sign)
            return (call.Place.Point, Math.Min(sign.Length, Math.Max(call.Place.End - call.Place.Point, 0)));
        // The point is the parenthesis; what was rewritten to a name with dots is as long as it was before.
        var last = call.Function.AsSpan()[(call.Function.LastIndexOf('.') + 1)..];
        var start = call.Target is null ? call.Place.Start : Math.Max(call.Place.Point - last.Length, call.Place.Start);
        return (start, Math.Max(call.Place.Point - start, 0));
    }
}
