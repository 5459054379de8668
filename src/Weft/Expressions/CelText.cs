using System.Globalization;
using System.Text;
using Weft.Expressions.Library;

namespace Weft.Expressions;

/// <summary>Values as they would be written in an expression.</summary>
internal static class CelText
{
    // What nobody would read to its end is cut.
    private const int MaxItems = 100;
    private const int MaxLength = 100_000;

    public static string Of(in CelValue value)
    {
        var text = new StringBuilder();
        Add(value, text);
        return text.ToString();
    }

    private static void Add(in CelValue value, StringBuilder text)
    {
        switch (value.Kind)
        {
            case CelKind.Error:
                text.Append("error: ").Append(value.Error!.Message);
                break;
            case CelKind.Null:
                text.Append("null");
                break;
            case CelKind.Bool:
                text.Append(value.AsBool ? "true" : "false");
                break;
            case CelKind.Int:
                text.Append(CultureInfo.InvariantCulture, $"{value.AsInt}");
                break;
            case CelKind.UInt:
                text.Append(CultureInfo.InvariantCulture, $"{value.AsUInt}u");
                break;
            case CelKind.Double:
                AddDouble(value.AsDouble, text);
                break;
            case CelKind.Decimal:
                text.Append(CultureInfo.InvariantCulture, $"decimal('{value.AsDecimal}')");
                break;
            case CelKind.String:
                AddQuoted(Encoding.UTF8.GetString(value.AsSpan), text);
                break;
            case CelKind.Bytes:
                text.Append("b'");
                foreach (var b in value.AsSpan)
                    text.Append(b is > 0x1f and < 0x7f and not (byte)'\'' and not (byte)'\\' ? ((char)b).ToString() : string.Create(CultureInfo.InvariantCulture, $"\\x{b:x2}"));
                text.Append('\'');
                break;
            case CelKind.Timestamp:
                text.Append(CultureInfo.InvariantCulture, $"timestamp('{Time(value)}')");
                break;
            case CelKind.Duration:
                text.Append(CultureInfo.InvariantCulture, $"duration('{Time(value)}')");
                break;
            case CelKind.Type:
                text.Append(value.AsType.Name);
                break;
            case CelKind.Optional:
                text.Append(value.AsOptional.HasValue ? "optional.of(" : "optional.none(");
                if (value.AsOptional.HasValue)
                    Add(value.AsOptional.Value, text);
                text.Append(')');
                break;
            case CelKind.List:
                AddList(value, text);
                break;
            case CelKind.Map:
                AddMap(value, text);
                break;
        }
    }

    private static void AddList(in CelValue list, StringBuilder text)
    {
        var reader = new ListReader(list, new Arena());
        text.Append('[');
        for (var i = 0; reader.Next(out var item); i++)
        {
            text.Append(i > 0 ? ", " : "");
            if (i == MaxItems || text.Length > MaxLength)
            {
                text.Append('…');
                break;
            }
            Add(item, text);
        }
        text.Append(']');
    }

    private static void AddMap(in CelValue map, StringBuilder text)
    {
        var reader = new MapReader(map, new Arena());
        text.Append('{');
        for (var i = 0; reader.Next(out var key, out var value); i++)
        {
            text.Append(i > 0 ? ", " : "");
            if (i == MaxItems || text.Length > MaxLength)
            {
                text.Append('…');
                break;
            }
            Add(key, text);
            text.Append(": ");
            Add(value, text);
        }
        text.Append('}');
    }

    private static void AddDouble(double number, StringBuilder text)
    {
        var digits = number.ToString("R", CultureInfo.InvariantCulture);
        text.Append(digits);
        if (double.IsFinite(number) && digits.AsSpan().IndexOfAny('.', 'E') < 0)
            text.Append(".0");
    }

    private static void AddQuoted(string value, StringBuilder text)
    {
        text.Append('\'');
        foreach (var c in value)
        {
            text.Append(c switch
            {
                '\'' => "\\'",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\x7f' => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => c.ToString(),
            });
        }
        text.Append('\'');
    }

    private static string Time(in CelValue value)
    {
        var text = new TextBuilder(new Arena(), 32);
        if (value.Kind == CelKind.Timestamp)
            TimeText.AppendTimestamp(ref text, value);
        else
            TimeText.AppendDuration(ref text, value);
        return Encoding.UTF8.GetString(text.ToValue().AsSpan);
    }
}
