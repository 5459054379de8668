using System.Globalization;
using System.Text;
using Weft.Expressions;

namespace Weft.Tests.Expressions.Fuzz;

/// <summary>
/// Makes expressions of all operators, macros and standard functions, and of the strings extension. Most are well typed; now and then an
/// operand is of another type, so that errors and what absorbs them are met.
/// </summary>
internal sealed partial class ExpressionGenerator
{
    private static readonly (string Name, FuzzType Type)[] s_variables =
    [
        ("b", FuzzType.Bool), ("i", FuzzType.Int), ("j", FuzzType.Int), ("u", FuzzType.UInt), ("d", FuzzType.Double), ("e", FuzzType.Double),
        ("s", FuzzType.String), ("t", FuzzType.String), ("y", FuzzType.Bytes), ("z", FuzzType.Null), ("at", FuzzType.Timestamp),
        ("span", FuzzType.Duration), ("li", FuzzType.List(FuzzType.Int)), ("ls", FuzzType.List(FuzzType.String)), ("ld", FuzzType.List(FuzzType.Any)),
        ("lm", FuzzType.List(FuzzType.Map(FuzzType.Int))), ("mi", FuzzType.Map(FuzzType.Int)), ("ms", FuzzType.Map(FuzzType.String)),
        ("md", FuzzType.Map(FuzzType.Any)), ("any", FuzzType.Any),
    ];

    private readonly Random _random;
    private readonly FuzzData _data;
    private readonly List<(string Name, FuzzType Type)> _locals = [];
    private readonly SortedSet<string> _used = new(StringComparer.Ordinal);

    public ExpressionGenerator(int seed)
    {
        _random = new Random(seed);
        _data = new FuzzData(_random);
    }

    /// <summary>The variables that expressions use, with their types.</summary>
    public static IReadOnlyList<(string Name, FuzzType Type)> Variables => s_variables;

    public FuzzCase Next()
    {
        _used.Clear();
        var text = Make(AnyType(), _random.Next(1, 5));
        var values = s_variables.Where(v => _used.Contains(v.Name)).ToDictionary(v => v.Name, v => _data.Value(v.Type));
        return new FuzzCase(text, values);
    }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private FuzzType AnyType() => _random.Next(10) switch
    {
        0 or 1 or 2 => FuzzType.Bool,
        3 => FuzzType.List(SimpleType()),
        4 => FuzzType.Map(SimpleType()),
        _ => SimpleType(),
    };

    private FuzzType SimpleType() => Chance(75) ? _data.One([FuzzType.Bool, FuzzType.Int, FuzzType.UInt, FuzzType.Double, FuzzType.String]) : _data.One(FuzzType.Simple);

    /// <summary>An expression of a type, or now and then of another.</summary>
    private string Make(FuzzType type, int depth)
    {
        if (Chance(2))
            type = AnyType();
        if (depth <= 0 || Chance(15))
            return Leaf(type);
        if (Chance(8))
            return Common(type, depth - 1);
        return type.Kind switch
        {
            CelKind.Bool => Bool(depth - 1),
            CelKind.Int => Int(depth - 1),
            CelKind.UInt => UInt(depth - 1),
            CelKind.Double => Double(depth - 1),
            CelKind.String => Text(depth - 1),
            CelKind.Bytes => Bytes(depth - 1),
            CelKind.Timestamp => Timestamp(depth - 1),
            CelKind.Duration => Duration(depth - 1),
            CelKind.List => List(type, depth - 1),
            CelKind.Map => Map(type, depth - 1),
            CelKind.Type => $"type({Make(AnyType(), depth - 1)})",
            CelKind.Null => Leaf(type),
            _ => Make(AnyType(), depth - 1),
        };
    }

    private string Leaf(FuzzType type)
    {
        if (Chance(60))
        {
            var fitting = s_variables.Concat(_locals).Where(v => v.Type == type || v.Type.Kind == CelKind.Error && Chance(10)).ToArray();
            if (fitting.Length > 0)
            {
                var name = Chance(70) && _locals.Exists(l => l.Type == type) ? _data.One(_locals.Where(l => l.Type == type).ToArray()).Name : _data.One(fitting).Name;
                _used.Add(name);
                return name;
            }
        }
        return Literal(type);
    }

    private string Literal(FuzzType type) => type.Kind switch
    {
        CelKind.Bool => Chance(50) ? "true" : "false",
        CelKind.Int => Int(_data.Int()),
        CelKind.UInt => _data.UInt().ToString(CultureInfo.InvariantCulture) + "u",
        CelKind.Double => Number(_data.Double()),
        CelKind.String => Quote(_data.Text()),
        CelKind.Bytes => "b'" + string.Concat(_data.Bytes().Select(b => string.Create(CultureInfo.InvariantCulture, $"\\x{b:x2}"))) + "'",
        CelKind.Null => "null",
        CelKind.Type => _data.One(["int", "uint", "double", "bool", "string", "bytes", "list", "map", "type", "null_type", "google.protobuf.Timestamp"]),
        CelKind.Timestamp => $"timestamp('{_data.One(["2024-02-29T23:59:59Z", "1970-01-01T00:00:00Z", "2009-02-13T23:31:30.5Z", "2023-12-31T23:59:59-08:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])}')",
        CelKind.Duration => $"duration('{_data.One(["0s", "1s", "1h30m", "-90s", "1.5s", "24h", "100ms", "1m1s"])}')",
        CelKind.List => $"[{string.Join(", ", Enumerable.Range(0, _random.Next(4)).Select(_ => Leaf(type.Item!)))}]",
        CelKind.Map => MapLiteral(type, 0),
        _ => Literal(SimpleType()),
    };

    private string Int(long value) => value switch
    {
        >= 0 when Chance(5) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}"),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    private static string Number(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "double('NaN')" : value > 0 ? "double('Infinity')" : "double('-Infinity')";
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '\'' => "\\'",
                '\\' => "\\\\",
                '\n' => "\\n",
                < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => c.ToString(),
            });
        }
        return quoted.Append('\'').ToString();
    }

    /// <summary>What gives a value of any type.</summary>
    private string Common(FuzzType type, int depth) => _random.Next(6) switch
    {
        0 or 1 => Paren($"{Operand(FuzzType.Bool, depth)} ? {Operand(type, depth)} : {Operand(type, depth)}"),
        2 => $"{Operand(FuzzType.List(type), depth)}[{Index(depth)}]",
        3 => $"{Operand(FuzzType.Map(type), depth)}.{_data.One(["a", "b", "c"])}",
        4 => $"{Operand(FuzzType.Map(type), depth)}[{Key()}]",
        _ => $"dyn({Make(type, depth)})",
    };

    private string Index(int depth) => Chance(80) ? _data.One(["0", "1", "2", "-1", "0u", "1.0", "0.5"]) : Make(FuzzType.Int, depth);

    private string Key() => Chance(90) ? _data.One(["'a'", "'b'", "'x-y'", "''"]) : Leaf(SimpleType());

    /// <summary>An operand: in parentheses, or bare, where precedence decides what it belongs to.</summary>
    private string Operand(FuzzType type, int depth)
    {
        var text = Make(type, depth);
        return Chance(85) ? Paren(text) : text;
    }

    private static string Paren(string text) => text.All(char.IsAsciiLetter) ? text : $"({text})";

    private string Binary(string sign, FuzzType type, int depth) => $"{Operand(type, depth)} {sign} {Operand(type, depth)}";

    private string MapLiteral(FuzzType type, int depth)
    {
        var keys = ((string[])["'a'", "'b'", "'c'", "'x-y'"]).Where(_ => Chance(60)).ToList();
        if (Chance(10))
            keys.Add(Leaf(_data.One([FuzzType.String, FuzzType.Int, FuzzType.Bool, FuzzType.UInt])));
        return "{" + string.Join(", ", keys.Select(k => $"{k}: {Make(type.Item!, depth)}")) + "}";
    }

    /// <summary>A macro with a variable that its body may use.</summary>
    private string Loop(string macro, FuzzType type, int depth, Func<string> body)
    {
        var isMap = Chance(25);
        var item = isMap ? FuzzType.String : type;
        var range = Operand(isMap ? FuzzType.Map(SimpleType()) : FuzzType.List(item), depth);
        var name = _data.One(["x", "v", "i"]);
        _locals.Add((name, item));
        var inner = body();
        _locals.RemoveAt(_locals.Count - 1);
        return $"{range}.{macro}({name}, {inner})";
    }
}
