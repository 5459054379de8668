using Weft.Expressions.Library;

namespace Weft.Expressions.Checking;

/// <summary>What an expression may use at its place: variables, types and functions. Made once for a place and used for all of its expressions.</summary>
/// <remarks>Safe for use from many threads; the registry must be complete.</remarks>
internal sealed class Scope
{
    private readonly Dictionary<string, Declaration> _declarations = new(StringComparer.Ordinal);
    private readonly HashSet<string> _roots = new(StringComparer.Ordinal);

    /// <param name="registry">The functions and types.</param>
    /// <param name="variables">What the host gives; a name hides a type of the same name.</param>
    /// <param name="container">
    /// The prefix of names that may be left out: in <c>a.b</c> the name <c>x</c> is <c>a.b.x</c>, else <c>a.x</c>, else <c>x</c>. Empty for none.
    /// </param>
    public Scope(Registry registry, IEnumerable<Declaration> variables, string container = "")
    {
        Registry = registry;
        Container = container;
        foreach (var (name, type) in registry.Types)
            _declarations[name] = new ConstantDeclaration(name, CelType.TypeOf(type), CelValue.Of(type));
        foreach (var variable in variables)
            _declarations[variable.Name] = variable;
        foreach (var name in _declarations.Keys.Concat(registry.Functions.Keys))
        {
            if (name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot)
                _roots.Add(name[..dot]);
        }
    }

    public Registry Registry { get; }

    public string Container { get; }

    /// <summary>Where variables come from, to be said where there are none; null for nothing.</summary>
    public string? WhereVariablesComeFrom { get; init; }

    /// <summary>The names of all variables and types.</summary>
    public IEnumerable<string> Names => _declarations.Keys;

    /// <summary>Finds what a name stands for. A leading dot means that the container does not count.</summary>
    public Declaration? Find(string name) => Find(_declarations, name);

    /// <inheritdoc cref="Find(string)"/>
    public Function? FindFunction(string name) => Find(Registry.Functions, name);

    /// <summary>Whether there can be a name with dots that begins so. Saves putting names together for the fields of variables.</summary>
    public bool MayBeQualified(string root) => Container.Length > 0 || _roots.Contains(root.StartsWith('.') ? root[1..] : root);

    /// <summary>Whether there are variables whose names begin with a name and a dot.</summary>
    public bool HasVariableBelow(string name) => MayBeQualified(name) && _declarations.Any(d => d.Value is VariableDeclaration && d.Key.StartsWith(name + ".", StringComparison.Ordinal));

    private T? Find<T>(IReadOnlyDictionary<string, T> names, string name) where T : class
    {
        if (name.StartsWith('.'))
            return names.GetValueOrDefault(name[1..]);
        for (var prefix = Container; prefix.Length > 0; prefix = prefix[..Math.Max(prefix.LastIndexOf('.'), 0)])
        {
            if (names.TryGetValue($"{prefix}.{name}", out var found))
                return found;
        }
        return names.GetValueOrDefault(name);
    }
}
