using System.Text;
using System.Text.Unicode;
using Weft.Messages;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Attributes and data of events as the admin API shows them.</summary>
internal static class EventContent
{
    /// <summary>All of an event. Data that is text stands as text; other data in base64.</summary>
    public static ContentView Of(in Message message)
    {
        bool isText = IsText(message);
        return new(
            AttributesOf(message),
            message.HasData && isText ? Encoding.UTF8.GetString(message.Data.Span) : null,
            message.HasData && !isText ? Convert.ToBase64String(message.Data.Span) : null);
    }

    /// <summary>The key of an event; null for none.</summary>
    public static string? Key(ReadOnlyMemory<byte> key) => key.IsEmpty ? null : Encoding.UTF8.GetString(key.Span);

    private static bool IsText(in Message message) =>
        (message.IsJsonData || message.DataKind == DataKind.Text || message.DataContentType?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true)
        && Utf8.IsValid(message.Data.Span);

    private static Dictionary<string, string> AttributesOf(in Message message)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal) { ["specversion"] = "1.0" };
        foreach (var attribute in message.Attributes)
            all[Encoding.UTF8.GetString(attribute.Name)] = Encoding.UTF8.GetString(attribute.Value);
        return all;
    }
}
