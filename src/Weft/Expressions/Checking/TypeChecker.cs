using Weft.Expressions.Syntax;

namespace Weft.Expressions.Checking;

/// <summary>One check of one expression: names, fields, literals and comprehensions.</summary>
internal sealed partial class TypeChecker(Scope scope, ICollection<CelProblem> problems)
{
    private readonly Substitution _types = new();
    private ICollection<CelProblem> _problems = problems;

    // Those whose type still had unknowns when it was set.
    private readonly List<Expr> _open = [];
    private Binding? _locals;
    private List<(string Name, CelType Unknown)>? _declaredParameters;

    /// <summary>The variables of the comprehensions around a place, the innermost first.</summary>
    private sealed record Binding(LocalDeclaration Variable, Binding? Outer);

    /// <summary>Finds the type of an expression and of all below it.</summary>
    public CelType Check(Expr expr)
    {
        var type = expr switch
        {
            LiteralExpr literal => ValueOperations.TypeOf(literal.Value),
            NameExpr name => Name(name),
            SelectExpr select => Select(select),
            CallExpr call => Call(call),
            ListExpr list => List(list),
            MapExpr map => Map(map),
            ComprehensionExpr comprehension => Comprehension(comprehension),
            StructExpr message => Message(message),
            _ => throw new NotSupportedException($"{expr.GetType().Name} is no expression."),
        };
        expr.Type = type;
        if (type.IsOpen)
            _open.Add(expr);
        return type;
    }

    /// <summary>Puts in what was found for the unknowns; those of which nothing is known are dyn.</summary>
    public void Close()
    {
        foreach (var expr in _open)
            expr.Type = _types.Resolve(expr.Type!, close: true);
    }

    private CelType Name(NameExpr name)
    {
        name.Meaning = Local(name.Name) ?? scope.Find(name.Name);
        if (name.Meaning is not null)
            return Declared(name.Meaning);
        Report(name.Place.Start, name.Place.Length, Remedy.UnknownName(name.Name, scope, LocalNames()));
        return CelType.Error;
    }

    private LocalDeclaration? Local(string name)
    {
        for (var local = _locals; local is not null; local = local.Outer)
        {
            if (local.Variable.Name == name)
                return local.Variable;
        }
        return null;
    }

    private IEnumerable<string> LocalNames()
    {
        for (var local = _locals; local is not null; local = local.Outer)
            yield return local.Variable.Name;
    }

    /// <summary>A declared type; its parameters are unknowns that all names of the expression share.</summary>
    private CelType Declared(Declaration declaration)
    {
        var type = declaration.Type;
        if (!type.IsOpen || declaration is LocalDeclaration)
            return type;
        return Instantiate(type, _declaredParameters ??= []);
    }

    /// <summary>Puts unknowns in the place of the parameters of a type, the same for the same name.</summary>
    private CelType Instantiate(CelType type, List<(string Name, CelType Unknown)> parameters)
    {
        if (!type.IsOpen)
            return type;
        if (type.Kind != CelTypeKind.Parameter)
        {
            return new CelType(type.Kind, type.Name, type.Parameters.Length == 1
                ? [Instantiate(type.Parameters[0], parameters)]
                : [.. type.Parameters.Select(parameter => Instantiate(parameter, parameters))]);
        }
        foreach (var (name, known) in parameters)
        {
            if (name == type.Name)
                return known;
        }
        var unknown = _types.Unknown();
        parameters.Add((type.Name, unknown));
        return unknown;
    }

    private CelType Select(SelectExpr select)
    {
        if (!select.IsTest && Qualified(select) is { } name && scope.Find(name) is { } meaning)
        {
            select.Meaning = meaning;
            return Declared(meaning);
        }
        if (!select.IsTest && select.Operand is NameExpr root && Local(root.Name) is null && scope.Find(root.Name) is null && scope.HasVariableBelow(root.Name))
        {
            // Said of the whole name, since the first part means nothing by itself.
            Report(root.Place.Start, root.Place.Length + 1 + select.Field.Length, Remedy.UnknownName($"{root.Name}.{select.Field}", scope, []));
            return CelType.Error;
        }
        var type = Field(Check(select.Operand), select.Field, isOptional: false, select.Place);
        return select.IsTest ? CelType.Bool : type;
    }

    /// <summary>The dotted name that a chain of fields is written as; null when it cannot be one name.</summary>
    private string? Qualified(Expr expr)
    {
        var root = expr;
        while (root is SelectExpr { IsTest: false } select)
            root = select.Operand;
        return root is NameExpr first && scope.MayBeQualified(first.Name) && Local(first.Name) is null ? Dotted(expr) : null;
    }

    private static string Dotted(Expr expr) => expr is SelectExpr select ? $"{Dotted(select.Operand)}.{select.Field}" : ((NameExpr)expr).Name;

    /// <summary>The type of a field of a value.</summary>
    private CelType Field(CelType operand, string field, bool isOptional, TextSpan place)
    {
        var type = _types.Resolve(operand);
        if (type.Kind == CelTypeKind.Optional)
        {
            isOptional = true;
            type = type.Parameters[0];
        }
        CelType result;
        switch (type.Kind)
        {
            case CelTypeKind.Map:
                result = type.Parameters[1];
                break;
            case CelTypeKind.Dyn or CelTypeKind.Error:
                result = CelType.Dyn;
                break;
            case CelTypeKind.Parameter:
                _types.Fits(CelType.Dyn, type);
                result = CelType.Dyn;
                break;
            default:
                var start = Math.Max(place.Start, place.End - field.Length);
                Report(start, place.End - start, $"{TypeText.WithArticle(type)} has no fields, so '{field}' cannot be taken from it. Maps have.");
                return CelType.Error;
        }
        return isOptional ? CelType.Optional(result) : result;
    }

    private CelType List(ListExpr list)
    {
        CelType? item = null;
        for (var i = 0; i < list.Items.Length; i++)
        {
            var type = Check(list.Items[i]);
            item = _types.Join(item, list.IsOptional(i) ? Unwrapped(type, list.Items[i]) : type);
        }
        return CelType.List(item ?? _types.Unknown());
    }

    private CelType Map(MapExpr map)
    {
        CelType? key = null, value = null;
        foreach (var entry in map.Entries)
        {
            key = _types.Join(key, Check(entry.Key));
            var type = Check(entry.Value);
            value = _types.Join(value, entry.IsOptional ? Unwrapped(type, entry.Value) : type);
        }
        return CelType.Map(key ?? _types.Unknown(), value ?? _types.Unknown());
    }

    /// <summary>The type inside an optional, of an item or entry that is marked with a question mark.</summary>
    private CelType Unwrapped(CelType type, Expr at)
    {
        type = _types.Resolve(type);
        if (type.Kind == CelTypeKind.Optional)
            return type.Parameters[0];
        if (type.Kind is not (CelTypeKind.Dyn or CelTypeKind.Error))
        {
            Report(at.Place.Start, at.Place.Length,
                $"Behind '?' an optional value is wanted; this is {TypeText.Of(type)}. Leave out the '?', or take an optional: a.?b, optional.of(…).");
        }
        return type;
    }

    private CelType Comprehension(ComprehensionExpr loop)
    {
        var range = _types.Resolve(Check(loop.Range));
        var accumulator = Check(loop.Initial);
        var outer = _locals;
        var (first, second) = Variables(loop, range);
        var withAccumulator = _locals = new Binding(new LocalDeclaration(loop.Accumulator, accumulator), outer);
        _locals = new Binding(new LocalDeclaration(loop.Variable, first), _locals);
        if (loop.Variable2 is not null)
            _locals = new Binding(new LocalDeclaration(loop.Variable2, second), _locals);
        Want(CelType.Bool, Check(loop.Condition), loop.Condition);
        Want(accumulator, Check(loop.Step), loop.Step);
        _locals = withAccumulator;
        var result = Check(loop.Result);
        _locals = outer;
        return _types.Resolve(result);
    }

    /// <summary>The types of the variables. With two they are index and item, or key and value; one is the item or the key.</summary>
    private (CelType First, CelType Second) Variables(ComprehensionExpr loop, CelType range)
    {
        switch (range.Kind)
        {
            case CelTypeKind.List:
                return loop.Variable2 is null ? (range.Parameters[0], CelType.Error) : (CelType.Int, range.Parameters[0]);
            case CelTypeKind.Map:
                return (range.Parameters[0], range.Parameters[1]);
            case CelTypeKind.Dyn or CelTypeKind.Parameter:
                _types.Fits(CelType.Dyn, range);
                return (CelType.Dyn, CelType.Dyn);
            case CelTypeKind.Error:
                return (CelType.Error, CelType.Error);
            default:
                Report(loop.Range.Place.Start, loop.Range.Place.Length, $"Only lists and maps have items to walk through; this is {TypeText.Of(range)}.");
                return (CelType.Error, CelType.Error);
        }
    }

    private void Want(CelType wanted, CelType given, Expr at)
    {
        if (!_types.Fits(wanted, given))
        {
            Report(at.Place.Start, at.Place.Length,
                $"Here {TypeText.Of(_types.Resolve(wanted))} is wanted; this is {TypeText.Of(_types.Resolve(given))}.");
        }
    }

    private CelType Message(StructExpr message)
    {
        foreach (var field in message.Fields)
            Check(field.Value);
        Report(message.Place.Start, Math.Min(message.Place.Length, message.TypeName.Length),
            $"'{message.TypeName}' would be a message of protobuf, which Weft does not support. Write a map: {{'name': value}}.");
        return CelType.Error;
    }

    private void Report(int start, int length, string message) => _problems.Add(new CelProblem(start, length, message));
}
