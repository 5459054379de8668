using System.Text;

namespace Weft.Tests.Repository;

/// <summary>C# as text, for rules that the compiler does not know.</summary>
internal static class SourceText
{
    /// <summary>The code with comments and the contents of strings blanked; lines stay where they are.</summary>
    public static string CodeOnly(string source)
    {
        var code = new StringBuilder(source.Length);
        for (var i = 0; i < source.Length;)
        {
            var end = EndOfNoise(source, i);
            if (end == i)
            {
                code.Append(source[i++]);
                continue;
            }
            code.Append(' ');
            code.Append('\n', source.AsSpan(i, end - i).Count('\n'));
            i = end;
        }
        return code.ToString();
    }

    /// <summary>The end of the comment, string or character that starts here, or the same place when none does.</summary>
    private static int EndOfNoise(string text, int at)
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith("//"))
            return EndOf(text, "\n", at, include: false);
        if (rest.StartsWith("/*"))
            return EndOf(text, "*/", at + 2, include: true);
        if (rest[0] == '\'')
            return EndOfQuoted(text, at + 1, '\'');
        if (rest[0] != '"')
            return at;

        if (at > 0 && (text[at - 1] == '@' || (at > 1 && text[at - 1] == '$' && text[at - 2] == '@')))
            return EndOfVerbatim(text, at + 1);
        var quotes = rest.IndexOfAnyExcept('"') is var n && n < 0 ? rest.Length : n;
        return quotes >= 3
            ? EndOf(text, new string('"', quotes), at + quotes, include: true)
            : EndOfQuoted(text, at + 1, '"');
    }

    private static int EndOf(string text, string mark, int from, bool include)
    {
        var end = text.IndexOf(mark, from, StringComparison.Ordinal);
        return end < 0 ? text.Length : include ? end + mark.Length : end;
    }

    private static int EndOfQuoted(string text, int from, char quote)
    {
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == quote || text[i] == '\n')
                return i + 1;
        }
        return text.Length;
    }

    private static int EndOfVerbatim(string text, int from)
    {
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '"' && (i + 1 == text.Length || text[i + 1] != '"'))
                return i + 1;
            if (text[i] == '"')
                i++;
        }
        return text.Length;
    }
}
