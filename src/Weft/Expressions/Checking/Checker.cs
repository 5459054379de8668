using Weft.Expressions.Syntax;

namespace Weft.Expressions.Checking;

/// <summary>Finds the types of an expression and what its names and calls mean.</summary>
internal static class Checker
{
    /// <summary>
    /// Fills in types, meanings and candidates of a tree. It goes on after a problem and annotates what it can, so that the tree can be
    /// planned all the same: names without meaning keep none, calls that fit no overload keep all with their number of arguments.
    /// </summary>
    /// <param name="root">The expression, parsed just now; a tree is checked once.</param>
    /// <param name="scope">What it may use.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <returns>The type of its value; dyn where it shows only at run time, an error type after a problem.</returns>
    public static CelType Check(Expr root, Scope scope, ICollection<CelProblem> problems)
    {
        var checker = new TypeChecker(scope, problems);
        checker.Check(root);
        checker.Close();
        return root.Type!;
    }
}
