using System.Text.RegularExpressions;

namespace Weft.Options.Schema;

/// <summary>Makes texts of users fit to be shown: one line, not too long, no password of an address.</summary>
internal static partial class DisplayText
{
    private const int Limit = 120;

    public static string Of(string text)
    {
        text = HideUserInfo(text.Length > Limit ? text[..Limit] + "…" : text);
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
    }

    /// <summary>Takes the user name and password out of an address.</summary>
    public static string HideUserInfo(string text) => text.Contains('@', StringComparison.Ordinal) ? Pattern().Replace(text, "://***@") : text;

    [GeneratedRegex("""://[^\s"']*@""")]
    private static partial Regex Pattern();
}
