namespace Weft.Expressions.Syntax;

/// <summary>Makes the nodes that a macro expands to, all with the place of the call.</summary>
/// <param name="context">Gives the ids.</param>
/// <param name="place">Where the call stands.</param>
internal readonly struct MacroNodes(MacroContext context, TextSpan place)
{
    /// <summary>The name of the accumulator of loops. No expression can have a variable of this name.</summary>
    public const string Result = "@result";

    /// <summary>The name of a loop variable that nobody reads.</summary>
    public const string Unused = "#unused";

    public LiteralExpr Literal(CelValue value) => new(context.NextId(), place, value);

    public NameExpr Name(string name) => new(context.NextId(), place, name);

    public NameExpr Accumulator => Name(Result);

    public ListExpr List(params Expr[] items) => new(context.NextId(), place, items);

    public MapExpr EmptyMap => new(context.NextId(), place, []);

    public CallExpr Call(string function, params Expr[] arguments) => new(context.NextId(), place, function, null, arguments);

    public CallExpr Method(Expr target, string function, params Expr[] arguments) => new(context.NextId(), place, function, target, arguments);

    /// <summary><c>cel.bind</c>: a loop over nothing whose accumulator is the variable.</summary>
    public ComprehensionExpr Bind(string variable, Expr value, Expr body) => new(context.NextId(), place, ComprehensionForm.Bind)
    {
        Range = List(),
        Variable = Unused,
        Accumulator = variable,
        Initial = value,
        Condition = Literal(CelValue.False),
        Step = Name(variable),
        Result = body,
        Body = body,
    };

    /// <summary>A loop whose result is its accumulator.</summary>
    public ComprehensionExpr Loop(ComprehensionForm form, Expr range, LoopVariables variables, Expr initial, Expr condition, Expr step, Expr? predicate, Expr? body, Expr? result = null) =>
        new(context.NextId(), place, form)
        {
            Range = range,
            Variable = variables.First,
            Variable2 = variables.Second,
            Accumulator = Result,
            Initial = initial,
            Condition = condition,
            Step = step,
            Result = result ?? Accumulator,
            Predicate = predicate,
            Body = body,
        };
}

/// <summary>The names of the variables of a loop.</summary>
/// <param name="First">The item; with two variables the index or key.</param>
/// <param name="Second">With two variables the item or value.</param>
internal readonly record struct LoopVariables(string First, string? Second = null)
{
    /// <summary>Takes the names out of the arguments of a macro; reports what is none.</summary>
    /// <returns>False when something was reported.</returns>
    public static bool TryRead(MacroContext context, ReadOnlySpan<Expr> arguments, out LoopVariables variables)
    {
        variables = default;
        string?[] names = [null, null];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is not NameExpr { Name: var name } || name.StartsWith('.'))
                return Report(arguments[i], "A variable of a macro is a simple name, as in list.all(item, item > 0).");
            if (name is MacroNodes.Result or "__result__")
                return Report(arguments[i], $"The variable cannot be called {name}: the macro itself uses that name.");
            if (i == 1 && name == names[0])
                return Report(arguments[i], $"Both variables are called {name}. Give each its own name.");
            names[i] = name;
        }
        variables = new LoopVariables(names[0]!, names[1]);
        return true;

        bool Report(Expr at, string message)
        {
            context.Report(at.Place, message);
            return false;
        }
    }
}
