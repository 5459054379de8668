using System.Text;

namespace Weft.Messages;

/// <summary>Binary mode: attributes as headers (HTTP binding, section 3.1).</summary>
internal static class BinaryEventWriter
{
    private static readonly string[] s_names =
        [.. Enumerable.Range(0, MessageLayout.KnownCount).Select(i => "ce-" + Encoding.ASCII.GetString(MessageLayout.NameOf((KnownAttribute)i)))];

    public static void Write<THeaders>(Message message, scoped ref THeaders headers)
        where THeaders : IHeaderWriter, allows ref struct
    {
        headers.Add("ce-specversion", "1.0");
        var hasType = false;
        var attributes = message.Attributes.GetEnumerator();
        while (attributes.MoveNext())
        {
            var attribute = attributes.Current;
            if (attributes.Known == KnownAttribute.DataContentType)
            {
                headers.Add("Content-Type", Encoding.ASCII.GetString(attribute.Value));
                hasType = true;
                continue;
            }
            var name = attributes.Known == KnownAttribute.Extension ? "ce-" + Encoding.ASCII.GetString(attribute.Name) : s_names[(int)attributes.Known];
            headers.Add(name, HeaderValue.Encode(attribute.Value));
        }
        // What the JSON format leaves unsaid is said where the format changes (JSON format, section 3.1.2).
        if (!hasType && message.DataKind == DataKind.Json)
            headers.Add("Content-Type", "application/json");
    }
}
