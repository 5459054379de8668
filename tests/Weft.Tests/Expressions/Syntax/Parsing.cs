using Weft.Expressions;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;
using Weft.Tests.Expressions.Suite;

namespace Weft.Tests.Expressions.Syntax;

/// <summary>Parses with everything that Weft offers.</summary>
internal static class Parsing
{
    /// <summary>The tree of a text that has no errors.</summary>
    public static Expr Tree(string text)
    {
        var problems = new List<CelProblem>();
        var tree = Parser.Parse(text, Libraries.All, CelLimits.Default, problems);
        Assert.Empty(problems);
        return Assert.IsAssignableFrom<Expr>(tree);
    }

    /// <summary>The tree of a text as the suite prints it, without the kinds of its nodes.</summary>
    public static string Text(string text) => TreeText.Of(Tree(text), _ => "");

    /// <summary>What is wrong with a text that has errors.</summary>
    public static IReadOnlyList<CelProblem> Problems(string text, CelLimits? limits = null)
    {
        var problems = new List<CelProblem>();
        Assert.Null(Parser.Parse(text, Libraries.All, limits ?? CelLimits.Default, problems));
        Assert.NotEmpty(problems);
        return problems;
    }
}
