namespace Weft.Expressions;

/// <summary>
/// The inputs of one expression or of a set of rules: each variable, or each path below a variable that is read by path, once. Filled while
/// expressions are planned; then what reads messages, rows or requests is made from it.
/// </summary>
internal sealed class SlotTable
{
    private readonly List<SlotPath> _paths = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public IReadOnlyList<SlotPath> Paths => _paths;

    /// <summary>The number of the slot of a variable (no fields) or of a path below it; the same again for the same path.</summary>
    public int Number(string variable, params ReadOnlySpan<string> fields)
    {
        var key = fields.IsEmpty ? variable : $"{variable}\0{string.Join('\0', fields)}";
        if (!_numbers.TryGetValue(key, out var number))
        {
            number = _paths.Count;
            _numbers.Add(key, number);
            _paths.Add(new SlotPath(number, variable, fields.ToArray()));
        }
        return number;
    }
}

/// <summary>One input.</summary>
internal sealed class SlotPath
{
    private readonly CelValue[] _missing;
    private readonly CelValue[] _noMap;
    private readonly List<string> _columns = [];

    public SlotPath(int number, string variable, string[] fields)
    {
        Number = number;
        Variable = variable;
        Fields = fields;
        NotGiven = CelValue.Of(new CelError(CelErrorKind.NoSuchField, $"The variable '{variable}' has no value."));
        // Made once, so that a message without the field costs nothing.
        _missing = [.. fields.Select((field, depth) => CelValue.Of(CelError.NoSuchKey(field) with { Missing = new MissingPath(number, depth) }))];
        _noMap = [.. fields.Select(field => CelValue.Of(CelError.NoSuchOverload($"'{field}' is asked of something that has no fields.")))];
    }

    public int Number { get; }

    public string Variable { get; }

    /// <summary>The names below the variable; none for the variable itself.</summary>
    public string[] Fields { get; }

    /// <summary>Whether a loop goes over it.</summary>
    public bool IsLooped { get; private set; }

    /// <summary>The fields that loops read of its items.</summary>
    public IReadOnlyList<string> Columns => _columns;

    /// <summary>Says that a loop goes over it.</summary>
    public void Loop() => IsLooped = true;

    /// <summary>Says that a loop reads a field of its items.</summary>
    /// <returns>The place of the field in <see cref="Columns"/>; the same again for the same field.</returns>
    public int Column(string field)
    {
        var place = _columns.IndexOf(field);
        if (place >= 0)
            return place;
        _columns.Add(field);
        return _columns.Count - 1;
    }

    /// <summary>The value when the host has given the variable none.</summary>
    public CelValue NotGiven { get; }

    /// <summary>The value when the name at <paramref name="depth"/> is not there.</summary>
    public CelValue Missing(int depth) => _missing[depth];

    /// <summary>The value when what should have the name at <paramref name="depth"/> is no map.</summary>
    public CelValue NoMap(int depth) => _noMap[depth];

    public override string ToString() => string.Join('.', [Variable, .. Fields]);
}
