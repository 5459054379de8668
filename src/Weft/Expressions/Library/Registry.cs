using Weft.Expressions.Syntax;

namespace Weft.Expressions.Library;

/// <summary>Collects what the libraries declare: functions, macros and types. Each library is a static class with a method that fills one.</summary>
internal sealed class Registry
{
    private readonly Dictionary<string, Function> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, bool IsMember), List<Macro>> _macros = [];
    private readonly Dictionary<string, CelType> _types = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Function> Functions => _functions;

    /// <summary>The names that stand for types: <c>int</c>, <c>google.protobuf.Timestamp</c>.</summary>
    public IReadOnlyDictionary<string, CelType> Types => _types;

    /// <summary>The names of all macros.</summary>
    public IEnumerable<string> MacroNames => _macros.Keys.Select(key => key.Name);

    /// <summary>Declares a function that is called with its arguments: <c>f(a, b)</c>.</summary>
    public void Global(string name, string id, CelType[] parameters, CelType result, Implementation? run) =>
        Of(name).Add(new Overload(id, IsMember: false, parameters, result, run));

    /// <summary>Declares a function that is called on its first argument: <c>a.f(b)</c>.</summary>
    public void Member(string name, string id, CelType[] parameters, CelType result, Implementation? run) =>
        Of(name).Add(new Overload(id, IsMember: true, parameters, result, run));

    /// <summary>Says that a function cannot be used, and what to do instead.</summary>
    public void Refuse(string name, string why) => Of(name).Refusal = why;

    public void Type(string name, CelType type) => _types.Add(name, type);

    public void Macro(Macro macro)
    {
        if (!_macros.TryGetValue((macro.Name, macro.IsMember), out var list))
            _macros[(macro.Name, macro.IsMember)] = list = [];
        list.Add(macro);
    }

    /// <summary>The macro that a call means; null when it means a function.</summary>
    public Macro? FindMacro(string name, bool isMember, int arguments) =>
        _macros.TryGetValue((name, isMember), out var list) ? list.Find(m => m.Arguments is null || m.Arguments == arguments) : null;

    private Function Of(string name)
    {
        if (!_functions.TryGetValue(name, out var function))
            _functions[name] = function = new Function(name);
        return function;
    }
}
