using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Weft.Expressions.Checking;
using Weft.Expressions.Library;

namespace Weft.Expressions;

/// <summary>
/// What expressions may use: variables, functions and limits. Expressions are CEL (https://cel.dev) with its extensions (strings, math, lists,
/// sets, encoders, bindings, optionals, two-variable comprehensions, regex) and Weft's own functions.
/// </summary>
/// <remarks>Immutable, and safe for use from many threads. Make one for each place where expressions stand, and keep it.</remarks>
/// <example><code>
/// var orders = CelEnvironment.Default.With("order", CelType.Object);
/// var rule = orders.Compile("order.total > 1000 &amp;&amp; order.country in ['DE', 'FR']");
/// bool holds = rule.Evaluate(new Dictionary&lt;string, object?&gt; { ["order"] = order }).IsTrue;
/// </code></example>
public sealed class CelEnvironment
{
    private readonly ImmutableArray<Declaration> _variables;

    private CelEnvironment(ImmutableArray<Declaration> variables, CelLimits limits, Registry registry)
    {
        _variables = variables;
        Limits = limits;
        Scope = new Scope(registry, variables);
    }

    /// <summary>All functions, no variables, the limits of <see cref="CelLimits.Default"/>.</summary>
    public static CelEnvironment Default { get; } = new([], CelLimits.Default, Libraries.All);

    /// <summary>What expressions may cost.</summary>
    public CelLimits Limits { get; }

    internal Scope Scope { get; }

    /// <summary>The same with one variable more.</summary>
    /// <param name="name">Its name; it may have dots. It hides a variable of the same name.</param>
    /// <param name="type">The type of its values; <see cref="CelType.Dyn"/> when that shows only when they are there.</param>
    public CelEnvironment With(string name, CelType type)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(type);
        return new CelEnvironment(_variables.Add(new VariableDeclaration(name, type)), Limits, Scope.Registry);
    }

    /// <summary>The same with other limits.</summary>
    public CelEnvironment With(CelLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return new CelEnvironment(_variables, limits, Scope.Registry);
    }

    /// <summary>Parses, checks and prepares an expression.</summary>
    /// <param name="text">The expression.</param>
    /// <exception cref="CelException">Something is wrong with it; the message has every problem with the place in the text.</exception>
    public CelExpression Compile(string text) =>
        TryCompile(text, out var expression, out var problems) ? expression : throw new CelException(text, problems);

    /// <summary>Parses, checks and prepares an expression. Never throws on what the text may hold.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="expression">The expression, ready to be evaluated.</param>
    /// <param name="problems">What is wrong, or doubtful, in the order of the text.</param>
    /// <returns>Whether it can be evaluated; there may be warnings all the same.</returns>
    public bool TryCompile(string text, [NotNullWhen(true)] out CelExpression? expression, out IReadOnlyList<CelProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<CelProblem>();
        var slots = new SlotTable();
        var compiled = Compiler.Compile(text, Scope, slots, Limits, found);
        problems = found;
        expression = compiled is null ? null : new CelExpression(compiled, slots, Limits, found);
        return expression is not null;
    }
}
