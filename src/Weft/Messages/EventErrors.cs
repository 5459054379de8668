using System.Globalization;
using System.Text;

namespace Weft.Messages;

/// <summary>The texts of what can be wrong with an event.</summary>
internal static class EventErrors
{
    public static readonly EventError MissingSpecVersion = Missing("specversion", "\"1.0\"");

    public static readonly EventError TwoData = Invalid("data_base64", "data_base64 is there beside data; allowed is one of them.");

    public static readonly EventError NotBase64 = Invalid("data_base64", "data_base64 is no Base64; allowed is the alphabet with + and / and padding (RFC 4648, section 4).");

    public static readonly EventError DataNotUnicode = Invalid("data", "data holds half a surrogate pair; allowed is valid Unicode.");

    public static readonly EventError NotUtf8 = Malformed("The body is not UTF-8; allowed is JSON in UTF-8.");

    public static EventError BadSpecVersion(ReadOnlySpan<byte> value) => BadValue("specversion", value, "\"1.0\"");

    public static EventError DataNotText(string found, ReadOnlySpan<byte> type) => Invalid(
        "data", $"data is {found} while datacontenttype is {TextRules.Show(type)}; allowed is a JSON string, data_base64, or a datacontenttype that ends in json.");

    public static EventError DataNotUtf8(ReadOnlySpan<byte> type) => Invalid(
        "data", $"data is text while datacontenttype is {TextRules.Show(type)}; allowed for text is UTF-8. Send other encodings as data_base64.");

    public static EventError NotEvent(string found) => Malformed($"An event is {found}; allowed is a JSON object.");

    public static EventError NotBatch(string found) => Malformed($"The body is {found}; allowed for a batch is a JSON array.");

    public static EventError NotJson(string place) => Malformed($"The body is not JSON at {place}; allowed is RFC 8259 without comments, data no deeper than 64 levels.");

    public static EventError BatchTooLong(int max) => Malformed(
        string.Create(CultureInfo.InvariantCulture, $"The batch has more than {max} events; allowed are {max}. Send it in parts."));

    public static EventError Missing(string attribute, string allowed) => Invalid(attribute, $"{attribute} is missing; required is {allowed}.");

    public static EventError BadName(ReadOnlySpan<byte> name)
    {
        var shown = TextRules.Show(name);
        return Invalid(shown.Trim('"'), $"{shown} is no attribute name; allowed is {AttributeRules.NameRule}.");
    }

    public static EventError BadValue(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, string allowed) => BadValue(Encoding.UTF8.GetString(name), value, allowed);

    public static EventError BadValue(string attribute, ReadOnlySpan<byte> value, string allowed) =>
        Invalid(attribute, $"{attribute} is {TextRules.Show(value)}; allowed is {allowed}.");

    public static EventError WrongJson(ReadOnlySpan<byte> name, string found, string allowed)
    {
        var attribute = Encoding.UTF8.GetString(name);
        return Invalid(attribute, $"{attribute} is {found}; allowed is {allowed}.");
    }

    public static EventError Twice(ReadOnlySpan<byte> name)
    {
        var attribute = Encoding.UTF8.GetString(name);
        return Invalid(attribute, $"{attribute} is there twice; allowed is once.");
    }

    public static EventError TooMany(ReadOnlySpan<byte> name)
    {
        var attribute = Encoding.UTF8.GetString(name);
        return Invalid(attribute, $"{attribute} is one extension attribute too many; allowed are {MessageBuilder.MaxExtensions}. Put the rest into data.");
    }

    public static EventError Invalid(string attribute, string text) => new(EventError.Invalid, attribute, text);

    private static EventError Malformed(string text) => new(EventError.Malformed, null, text);
}
