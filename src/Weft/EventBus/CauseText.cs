using System.Text;

namespace Weft.EventBus;

/// <summary>The detail of a failure without what differs from one event to the next, so that failures of one cause look alike.</summary>
internal static class CauseText
{
    private const int Limit = 200;

    /// <summary>The text with <c>#</c> for every word that has a digit, such as ids, numbers and times; its first 200 characters.</summary>
    public static string Of(string? detail)
    {
        if (string.IsNullOrEmpty(detail))
            return "";
        var text = new StringBuilder(Math.Min(detail.Length, Limit));
        for (int at = 0; at < detail.Length && text.Length < Limit;)
        {
            int end = at;
            bool hasDigit = false;
            while (end < detail.Length && IsOfWord(detail, end))
                hasDigit |= char.IsDigit(detail[end++]);
            if (end == at)
                text.Append(char.IsControl(detail[at]) ? ' ' : detail[end++]);
            else if (hasDigit)
                text.Append('#');
            else
                text.Append(detail.AsSpan(at, end - at));
            at = Math.Max(end, at + 1);
        }
        return text.Length > Limit ? text.ToString(0, Limit) : text.ToString();
    }

    // A dot, comma or colon between digits is one of a number or a time.
    private static bool IsOfWord(string text, int at) => char.IsLetterOrDigit(text[at]) || text[at] is '-' or '_'
        || (text[at] is '.' or ',' or ':' && at > 0 && at + 1 < text.Length && char.IsDigit(text[at - 1]) && char.IsDigit(text[at + 1]));
}
