namespace Weft.Expressions.Syntax;

/// <summary>
/// Keeps trees so shallow and small that everything after the parser may walk them with plain recursion: chains such as <c>a + b + c</c> and
/// macros make trees deeper than the text is nested.
/// </summary>
internal static class TreeLimits
{
    /// <summary>How much deeper than the text is nested a tree may be.</summary>
    private const int DepthFactor = 4;

    private const int MaxNodes = 50_000;

    /// <summary>Whether a tree is within the limits; reports it when it is not.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="most">How many nodes it has at most.</param>
    /// <param name="limits">How deep the text may be nested.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public static bool Check(Expr root, int most, CelLimits limits, ICollection<CelProblem> problems)
    {
        // Nearly all expressions are so small that they need not be looked at.
        if (most <= limits.MaxDepth * DepthFactor)
            return true;
        var open = new Stack<(Expr Node, int Depth)>();
        open.Push((root, 1));
        for (var nodes = 0; open.TryPop(out var at); nodes++)
        {
            if (at.Depth > limits.MaxDepth * DepthFactor)
                return Report(at.Node, $"The expression is nested more than {limits.MaxDepth * DepthFactor} deep here, counting operators in a row. Split it, or use parentheses to group long chains.");
            if (nodes > MaxNodes)
                return Report(root, $"The expression has more than {MaxNodes} parts, counting what macros stand for. Split it.");
            Push(at.Node, at.Depth + 1, open);
        }
        return true;

        bool Report(Expr at, string message)
        {
            problems.Add(new CelProblem(at.Place.Start, at.Place.Length, message));
            return false;
        }
    }

    private static void Push(Expr node, int depth, Stack<(Expr, int)> open)
    {
        switch (node)
        {
            case SelectExpr select:
                open.Push((select.Operand, depth));
                break;
            case CallExpr call:
                if (call.Target is not null)
                    open.Push((call.Target, depth));
                foreach (var argument in call.Arguments)
                    open.Push((argument, depth));
                break;
            case ListExpr list:
                foreach (var item in list.Items)
                    open.Push((item, depth));
                break;
            case MapExpr map:
                foreach (var entry in map.Entries)
                {
                    open.Push((entry.Key, depth));
                    open.Push((entry.Value, depth));
                }
                break;
            case StructExpr message:
                foreach (var field in message.Fields)
                    open.Push((field.Value, depth));
                break;
            case ComprehensionExpr loop:
                open.Push((loop.Range, depth));
                open.Push((loop.Initial, depth));
                open.Push((loop.Condition, depth));
                open.Push((loop.Step, depth));
                open.Push((loop.Result, depth));
                break;
        }
    }
}
