using System.Buffers;
using System.Globalization;
using System.Text;

namespace Weft.Expressions.Syntax;

/// <summary>What the text of a literal means.</summary>
internal static class LiteralText
{
    /// <summary>The value of an int or uint literal; null when it does not fit.</summary>
    public static CelValue? Integer(ReadOnlySpan<char> text, bool isNegative)
    {
        var isUnsigned = text[^1] is 'u' or 'U';
        var digits = isUnsigned ? text[..^1] : text;
        var isHex = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        if (!ulong.TryParse(isHex ? digits[2..] : digits, style, CultureInfo.InvariantCulture, out var magnitude))
            return null;
        if (isUnsigned)
            return CelValue.Of(magnitude);
        if (isNegative)
            return magnitude <= 1UL << 63 ? CelValue.Of(unchecked(-(long)magnitude)) : null;
        return magnitude <= long.MaxValue ? CelValue.Of((long)magnitude) : null;
    }

    /// <summary>The value of a double literal; null when it does not fit.</summary>
    public static CelValue? Double(ReadOnlySpan<char> text, bool isNegative)
    {
        var value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? CelValue.Of(isNegative ? -value : value) : null;
    }

    /// <summary>The bytes of a string or bytes literal with prefix and quotes.</summary>
    /// <param name="text">The literal.</param>
    /// <param name="isBytes">Whether <c>\x</c> and octal escapes are bytes rather than code points.</param>
    /// <param name="value">The value in UTF-8.</param>
    /// <param name="error">The escape that is wrong, with its place in the literal; null when none is.</param>
    /// <remarks>All ends of lines become <c>\n</c>, as in cel-go: what a text means does not depend on the editor it was written with.</remarks>
    public static bool TryUnquote(ReadOnlySpan<char> text, bool isBytes, out byte[] value, out CelProblem? error)
    {
        var quote = text.IndexOfAny('"', '\'');
        var isRaw = text[..quote].IndexOfAny('r', 'R') >= 0;
        var isTriple = text.Length >= quote + 6 && text[quote + 1] == text[quote] && text[quote + 2] == text[quote];
        var from = quote + (isTriple ? 3 : 1);
        var body = text[from..^(isTriple ? 3 : 1)];
        error = null;
        var special = isRaw ? "\r" : "\\\r";
        if (body.IndexOfAny(special) < 0)
        {
            value = new byte[Encoding.UTF8.GetByteCount(body)];
            Encoding.UTF8.GetBytes(body, value);
            return true;
        }
        var output = new ArrayBufferWriter<byte>(body.Length);
        for (var i = 0; i < body.Length;)
        {
            if (body[i] == '\r')
            {
                Add('\n', isBytes: true, output);
                i += i + 1 < body.Length && body[i + 1] == '\n' ? 2 : 1;
            }
            else if (isRaw || body[i] != '\\')
            {
                var plain = body[i..].IndexOfAny(special) is var next and >= 0 ? next : body.Length - i;
                Encoding.UTF8.GetBytes(body.Slice(i, plain), output);
                i += plain;
            }
            else if (Escape(body[i..], isBytes, output, out var used) is { } message)
            {
                error = new CelProblem(from + i, Math.Min(used, body.Length - i), message);
                value = [];
                return false;
            }
            else
            {
                i += used;
            }
        }
        value = output.WrittenSpan.ToArray();
        return true;
    }

    private static string? Escape(ReadOnlySpan<char> text, bool isBytes, ArrayBufferWriter<byte> output, out int used)
    {
        used = 2;
        var code = text.Length > 1 ? text[1] : '\0';
        var plain = code switch
        {
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            '\\' or '\'' or '"' or '`' or '?' => code,
            _ => -1,
        };
        if (plain >= 0)
        {
            Add(plain, isBytes: true, output);
            return null;
        }
        if (code is >= '0' and <= '3')
            return Number(text, 1, 3, 8, isBytes, output, out used);
        return code switch
        {
            'x' or 'X' => Number(text, 2, 2, 16, isBytes, output, out used),
            'u' or 'U' when isBytes => $"'\\{code}' is a character of a text, and this is bytes. Write the character itself, or its bytes as \\xff.",
            'u' => Number(text, 2, 4, 16, isBytes, output, out used),
            'U' => Number(text, 2, 8, 16, isBytes, output, out used),
            _ => $"{(char.IsControl(code) || char.IsSurrogate(code) ? Lexer.Show([code]) : $"'\\{code}'")} is no escape. Allowed: \\\\ \\' \\\" \\` \\? \\a \\b \\f \\n \\r \\t \\v, \\x41, \\u0041, \\U00000041 and \\101; or write r'…' for a text in which a backslash is only a backslash.",
        };
    }

    private static string? Number(ReadOnlySpan<char> text, int from, int count, int radix, bool isBytes, ArrayBufferWriter<byte> output, out int used)
    {
        used = from + count;
        var number = 0L;
        for (var i = from; i < used; i++)
        {
            var digit = i >= text.Length || !char.IsAsciiHexDigit(text[i]) ? radix
                : char.IsAsciiDigit(text[i]) ? text[i] - '0'
                : (text[i] | 0x20) - 'a' + 10;
            if (digit >= radix)
                return $"The escape '{text[..Math.Min(used, text.Length)]}' needs {count} {(radix == 8 ? "octal" : "hexadecimal")} digits.";
            number = (number * radix) + digit;
        }
        if (!isBytes && !Rune.IsValid((int)Math.Min(number, int.MaxValue)))
            return $"The escape '{text[..used]}' is no Unicode character.";
        Add((int)number, isBytes, output);
        return null;
    }

    private static void Add(int code, bool isBytes, ArrayBufferWriter<byte> output)
    {
        if (isBytes)
            output.Write([(byte)code]);
        else
            output.Advance(new Rune(code).EncodeToUtf8(output.GetSpan(4)));
    }
}
