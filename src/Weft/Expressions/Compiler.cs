using Weft.Expressions.Checking;
using Weft.Expressions.Planning;
using Weft.Expressions.Syntax;

namespace Weft.Expressions;

/// <summary>The way from the text of an expression to something that runs: parse, check, plan.</summary>
internal static class Compiler
{
    /// <summary>Compiles an expression.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scope">What it may use.</param>
    /// <param name="slots">Gets the inputs that it reads.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="problems">Gets errors and warnings.</param>
    /// <returns>The expression; null when there is an error.</returns>
    public static Compiled? Compile(string text, Scope scope, SlotTable slots, CelLimits limits, ICollection<CelProblem> problems)
    {
        if (Parser.Parse(text, scope.Registry, limits, problems) is not { } tree)
            return null;
        var type = Checker.Check(tree, scope, problems);
        return problems.All(p => p.IsWarning) ? new Compiled(text, type, Planner.Plan(tree, slots), tree) : null;
    }
}

/// <summary>An expression that can run.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Type">The type of its value.</param>
/// <param name="Plan">What runs.</param>
/// <param name="Tree">What was parsed, for explanations.</param>
internal sealed record Compiled(string Text, CelType Type, Plan Plan, Expr Tree);
