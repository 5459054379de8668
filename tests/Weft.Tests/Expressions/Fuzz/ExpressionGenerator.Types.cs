using Weft.Expressions;

namespace Weft.Tests.Expressions.Fuzz;

/// <summary>What gives values of each type.</summary>
internal sealed partial class ExpressionGenerator
{
    private static readonly FuzzType[] s_ordered = [FuzzType.Bool, FuzzType.Int, FuzzType.UInt, FuzzType.Double, FuzzType.String, FuzzType.Bytes, FuzzType.Timestamp, FuzzType.Duration];

    private static readonly FuzzType[] s_numbers = [FuzzType.Int, FuzzType.UInt, FuzzType.Double];

    private static readonly string[] s_patterns = ["''", "'a'", "'^a'", "'b$'", "'[a-c]+'", "'(a|b)*c'", "'.'", "'^.$'", "'\\\\d+'", "'\\\\s'", "'a{2}'", "'('", "'[[:alpha:]]'", "'(?i)hello'", "'\\\\w\\\\b'"];

    private string Bool(int depth)
    {
        switch (_random.Next(14))
        {
            case 0 or 1:
                return Binary(_data.One(["==", "!="]), Chance(50) ? SimpleType() : AnyType(), depth);
            case 2:
                return $"{Operand(Chance(50) ? _data.One(s_numbers) : AnyType(), depth)} == {Operand(Chance(50) ? _data.One(s_numbers) : AnyType(), depth)}";
            case 3:
                return Binary(_data.One(["<", "<=", ">", ">="]), _data.One(s_ordered), depth);
            case 4:
                return $"{Operand(_data.One(s_numbers), depth)} {_data.One(["<", "<=", ">", ">="])} {Operand(_data.One(s_numbers), depth)}";
            case 5 or 6:
                return Binary(_data.One(["&&", "||"]), FuzzType.Bool, depth);
            case 7:
                return "!" + Operand(FuzzType.Bool, depth);
            case 8:
                var item = SimpleType();
                return $"{Operand(item, depth)} in {Operand(Chance(70) ? FuzzType.List(item) : FuzzType.Map(item), depth)}";
            case 9:
                return $"has({Operand(FuzzType.Map(SimpleType()), depth)}.{_data.One(["a", "b", "c"])})";
            case 10 or 11:
                return Loop(_data.One(["all", "exists", "exists_one"]), SimpleType(), depth, () => Make(FuzzType.Bool, depth));
            case 12:
                return $"bool({Make(_data.One([FuzzType.String, FuzzType.Bool]), depth)})";
            default:
                var operand = Operand(FuzzType.String, depth);
                return Chance(25) ? $"{operand}.matches({_data.One(s_patterns)})" : $"{operand}.{_data.One(["contains", "startsWith", "endsWith"])}({Make(FuzzType.String, depth)})";
        }
    }

    private string Int(int depth) => _random.Next(8) switch
    {
        0 or 1 or 2 => Binary(_data.One(["+", "-", "*", "/", "%"]), FuzzType.Int, depth),
        3 => "-" + Operand(FuzzType.Int, depth),
        4 => $"size({Make(_data.One([FuzzType.String, FuzzType.Bytes, FuzzType.List(SimpleType()), FuzzType.Map(SimpleType())]), depth)})",
        5 => $"int({Make(_data.One([FuzzType.String, FuzzType.Int, FuzzType.UInt, FuzzType.Double, FuzzType.Timestamp]), depth)})",
        6 => Chance(75)
            ? $"{Operand(FuzzType.Timestamp, depth)}.{_data.One(["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds"])}({(Chance(15) ? _data.One(["'America/New_York'", "'+05:30'", "'UTC'", "'nowhere'"]) : "")})"
            : $"{Operand(FuzzType.Duration, depth)}.{_data.One(["getHours", "getMinutes", "getSeconds", "getMilliseconds"])}()",
        _ => $"{Operand(FuzzType.String, depth)}.{_data.One(["indexOf", "lastIndexOf"])}({Make(FuzzType.String, depth)}{(Chance(25) ? ", " + _data.One(["0", "1", "2", "-1", "9"]) : "")})",
    };

    private string UInt(int depth) => Chance(60)
        ? Binary(_data.One(["+", "-", "*", "/", "%"]), FuzzType.UInt, depth)
        : $"uint({Make(_data.One([FuzzType.String, FuzzType.Int, FuzzType.UInt, FuzzType.Double]), depth)})";

    private string Double(int depth) => _random.Next(6) switch
    {
        0 or 1 or 2 => Binary(_data.One(["+", "-", "*", "/"]), FuzzType.Double, depth),
        3 => "-" + Operand(FuzzType.Double, depth),
        4 => Binary(_data.One(["+", "-", "*", "/", "%"]), _data.One(s_numbers), depth),
        _ => $"double({Make(_data.One([FuzzType.String, FuzzType.Int, FuzzType.UInt, FuzzType.Double]), depth)})",
    };

    private string Text(int depth)
    {
        switch (_random.Next(8))
        {
            case 0 or 1:
                return Binary("+", FuzzType.String, depth);
            case 2:
                return $"string({Make(_data.One([FuzzType.String, FuzzType.Bool, FuzzType.Int, FuzzType.UInt, FuzzType.Double, FuzzType.Bytes, FuzzType.Timestamp, FuzzType.Duration]), depth)})";
            case 3:
                return $"{Operand(FuzzType.String, depth)}.charAt({Index(0)})";
            case 4:
                return $"{Operand(FuzzType.String, depth)}.{_data.One(["lowerAscii", "upperAscii", "trim"])}()";
            case 5:
                return $"{Operand(FuzzType.String, depth)}.replace({Make(FuzzType.String, depth)}, {Make(FuzzType.String, depth)}{(Chance(25) ? ", " + _data.One(["0", "1", "-1"]) : "")})";
            case 6:
                return $"{Operand(FuzzType.String, depth)}.substring({_data.One(["0", "1", "2", "-1"])}{(Chance(50) ? ", " + _data.One(["0", "1", "2", "3", "9"]) : "")})";
            default:
                return Chance(70)
                    ? $"{Operand(FuzzType.List(FuzzType.String), depth)}.join({(Chance(60) ? Make(FuzzType.String, 0) : "")})"
                    : $"'{_data.One(["%s", "%d", "%x", "%X", "%o", "%b", "%.2f", "%f", "%e", "%s%%"])}'.format([{Make(SimpleType(), depth)}])";
        }
    }

    private string Bytes(int depth) => Chance(50) ? Binary("+", FuzzType.Bytes, depth) : $"bytes({Make(_data.One([FuzzType.String, FuzzType.Bytes]), depth)})";

    private string Timestamp(int depth) => _random.Next(4) switch
    {
        0 => $"{Operand(FuzzType.Timestamp, depth)} {_data.One(["+", "-"])} {Operand(FuzzType.Duration, depth)}",
        1 => $"{Operand(FuzzType.Duration, depth)} + {Operand(FuzzType.Timestamp, depth)}",
        2 => $"timestamp({Make(_data.One([FuzzType.Int, FuzzType.Timestamp, FuzzType.String]), depth)})",
        _ => Literal(FuzzType.Timestamp),
    };

    private string Duration(int depth) => _random.Next(4) switch
    {
        0 => Binary(_data.One(["+", "-"]), FuzzType.Duration, depth),
        1 => Binary("-", FuzzType.Timestamp, depth),
        2 => $"duration({Make(_data.One([FuzzType.Duration, FuzzType.String]), depth)})",
        _ => Literal(FuzzType.Duration),
    };

    private string List(FuzzType type, int depth)
    {
        switch (_random.Next(6))
        {
            case 0 or 1:
                return $"[{string.Join(", ", Enumerable.Range(0, _random.Next(4)).Select(_ => Make(type.Item!, depth)))}]";
            case 2:
                return Binary("+", type, depth);
            case 3:
                return Loop("filter", type.Item!, depth, () => Make(FuzzType.Bool, depth));
            case 4 when type.Item!.Kind == CelKind.String:
                return $"{Operand(FuzzType.String, depth)}.split({Make(FuzzType.String, 0)}{(Chance(25) ? ", " + _data.One(["0", "1", "2", "-1"]) : "")})";
            default:
                return Loop("map", SimpleType(), depth, () => (Chance(25) ? Make(FuzzType.Bool, depth) + ", " : "") + Make(type.Item!, depth));
        }
    }

    private string Map(FuzzType type, int depth) => MapLiteral(type, depth);
}
