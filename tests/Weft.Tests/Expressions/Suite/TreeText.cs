using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Weft.Expressions;
using Weft.Expressions.Syntax;

namespace Weft.Tests.Expressions.Suite;

/// <summary>Prints trees as cel-go does, without its white space, so that they can be compared with the suite.</summary>
internal sealed partial class TreeText
{
    private readonly StringBuilder _text = new();
    private readonly Func<Expr, string> _mark;
    private readonly string _entryMark;

    private TreeText(Func<Expr, string> mark, string entryMark) => (_mark, _entryMark) = (mark, entryMark);

    /// <summary>A tree with the kinds of its nodes.</summary>
    public static string OfKinds(Expr root) => Print(root, Kind, "^#*expr.Expr_CreateStruct_Entry#");

    /// <summary>A tree with what the checker found.</summary>
    public static string Of(Expr root, Func<Expr, string> mark) => Print(root, mark, "");

    /// <summary>What the suite has, made comparable: without white space, and characters instead of their codes.</summary>
    public static string Normal(string tree) => Spaces().Replace(Codes().Replace(tree, m =>
        char.ConvertFromUtf32(int.Parse(m.Groups["code"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture))), "");

    private static string Print(Expr root, Func<Expr, string> mark, string entryMark)
    {
        var printer = new TreeText(mark, entryMark);
        printer.Add(root);
        return Spaces().Replace(printer._text.ToString(), "");
    }

    private void Add(Expr node)
    {
        switch (node)
        {
            case LiteralExpr literal:
                Add(Literal(literal.Value));
                break;
            case NameExpr name:
                Add(name.Meaning?.Name ?? name.Name);
                break;
            case SelectExpr { Meaning: { } meaning }:
                Add(meaning.Name);
                break;
            case SelectExpr select:
                Add(select.Operand);
                Add("." + select.Field + (select.IsTest ? "~test-only~" : ""));
                break;
            case CallExpr call:
                if (call.Target is not null)
                {
                    Add(call.Target);
                    Add(".");
                }
                Add(call.Function + "(");
                Add(call.Arguments);
                Add(")");
                break;
            case ListExpr list:
                Add("[");
                Add(list.Items);
                Add("]");
                break;
            case MapExpr map:
                Add("{");
                AddEntries(map.Entries, e => e.IsOptional, e => Add(e.Key), e => e.Value);
                Add("}");
                break;
            case StructExpr message:
                Add(message.TypeName + "{");
                AddEntries(message.Fields, e => e.IsOptional, e => Add(e.Name), e => e.Value);
                Add("}");
                break;
            case ComprehensionExpr loop:
                AddLoop(loop);
                break;
        }
        Add(_mark(node));
    }

    private void AddLoop(ComprehensionExpr loop)
    {
        Add("__comprehension__(// Variable" + loop.Variable);
        foreach (var (name, part) in new (string, Expr)[] { ("Target", loop.Range), ("Init", loop.Initial), ("LoopCondition", loop.Condition), ("LoopStep", loop.Step), ("Result", loop.Result) })
        {
            Add(",// " + name);
            Add(part);
            if (name == "Target")
                Add(",// Accumulator" + loop.Accumulator);
        }
        Add(")");
    }

    private void AddEntries<T>(T[] entries, Func<T, bool> isOptional, Action<T> key, Func<T, Expr> value)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            Add((i > 0 ? "," : "") + (isOptional(entries[i]) ? "?" : ""));
            key(entries[i]);
            Add(":");
            Add(value(entries[i]));
            Add(_entryMark);
        }
    }

    private void Add(Expr[] nodes)
    {
        for (var i = 0; i < nodes.Length; i++)
        {
            if (i > 0)
                Add(",");
            Add(nodes[i]);
        }
    }

    private void Add(string text) => _text.Append(text);

    private static string Literal(CelValue value) => value.Kind switch
    {
        CelKind.Null => "null",
        CelKind.Bool => value.AsBool ? "true" : "false",
        CelKind.Int => value.AsInt.ToString(CultureInfo.InvariantCulture),
        CelKind.UInt => value.AsUInt.ToString(CultureInfo.InvariantCulture) + "u",
        CelKind.Double => Number(value.AsDouble),
        CelKind.String => Quote(Encoding.UTF8.GetString(value.AsSpan)),
        CelKind.Bytes => "b" + QuoteBytes(value.AsSpan),
        _ => throw new InvalidOperationException($"{value.Kind} cannot be written in an expression."),
    };

    /// <summary>Goes over to an exponent where Go does.</summary>
    private static string Number(double value)
    {
        if (value is < 1e6 and > -1e6)
            return value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        var text = value.ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits <= 16; digits++)
        {
            var shorter = value.ToString("E" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (double.Parse(shorter, CultureInfo.InvariantCulture).Equals(value))
            {
                text = shorter;
                break;
            }
        }
        return Exponent().Replace(text, m => $"e{m.Groups["sign"].Value}{m.Groups["digits"].Value.TrimStart('0').PadLeft(2, '0')}");
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '\a' => "\\a",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\v' => "\\v",
                '\f' => "\\f",
                '\r' => "\\r",
                '"' => "\\\"",
                '\\' => "\\\\",
                < ' ' or '\x7f' => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => c.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>Bytes as characters where they are UTF-8, as codes where they are not.</summary>
    private static string QuoteBytes(ReadOnlySpan<byte> bytes)
    {
        var quoted = new StringBuilder("\"");
        while (!bytes.IsEmpty)
        {
            var isText = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == System.Buffers.OperationStatus.Done && rune.Value != 0xfffd && rune.IsBmp;
            quoted.Append(isText ? Quote(rune.ToString())[1..^1] : string.Create(CultureInfo.InvariantCulture, $"\\x{bytes[0]:x2}"));
            bytes = bytes[(isText ? length : 1)..];
        }
        return quoted.Append('"').ToString();
    }

    private static string Kind(Expr node) => "^#*expr." + node switch
    {
        LiteralExpr literal => "Constant_" + literal.Value.Kind switch { CelKind.Int => "Int64", CelKind.UInt => "Uint64", var kind => kind.ToString() } + "Value",
        NameExpr => "Expr_IdentExpr",
        SelectExpr => "Expr_SelectExpr",
        CallExpr => "Expr_CallExpr",
        ListExpr => "Expr_ListExpr",
        ComprehensionExpr => "Expr_ComprehensionExpr",
        _ => "Expr_StructExpr",
    } + "#";

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"(?<!\\)\\(?:u(?<code>[0-9a-f]{4})|U(?<code>[0-9a-f]{8}))")]
    private static partial Regex Codes();

    [GeneratedRegex(@"E(?<sign>[+-])(?<digits>\d+)")]
    private static partial Regex Exponent();
}
