using System.Text;

namespace Weft.Messages;

/// <summary>The texts of what can be wrong with an event.</summary>
internal static class EventErrors
{
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
}
