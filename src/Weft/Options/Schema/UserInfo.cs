using System.Text.RegularExpressions;

namespace Weft.Options.Schema;

/// <summary>Takes the user name and password out of addresses before they are shown.</summary>
internal static partial class UserInfo
{
    public static string Hide(string text) => text.Contains('@', StringComparison.Ordinal) ? Pattern().Replace(text, "://***@") : text;

    [GeneratedRegex("""://[^\s"']*@""")]
    private static partial Regex Pattern();
}
