using System.Globalization;

namespace Weft.Messages;

/// <summary>Checks stored bytes as a whole, for stores that cannot trust their disk.</summary>
internal static class MessageCheck
{
    private const string MissingLead = "id, source or type is missing";

    /// <summary>What is wrong with the bytes; null when nothing is.</summary>
    public static string? Problem(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return "it is empty";
        if (bytes[0] != MessageLayout.Version)
            return Say($"its layout is of version {bytes[0]}; this program reads version {MessageLayout.Version}");
        var cursor = new MessageCursor(bytes);
        var last = KnownAttribute.Extension;
        var extensions = false;
        CursorStep step;
        while ((step = cursor.Step()) == CursorStep.Attribute)
        {
            extensions |= cursor.Known == KnownAttribute.Extension;
            if (extensions ? cursor.Known != KnownAttribute.Extension : cursor.Known <= last)
                return Say($"an attribute stands out of order before byte {cursor.ValueStart}");
            if (last < KnownAttribute.Type && cursor.Known != last + 1)
                return MissingLead;
            last = extensions ? last : cursor.Known;
            if (!AttributeRules.IsName(cursor.Name) || AttributeRules.Broken(cursor.Known, cursor.Type, cursor.Value) is not null)
                return Say($"an attribute is damaged at byte {cursor.ValueStart}");
        }
        if (step == CursorStep.Corrupt)
            return "its attributes are damaged or cut off";
        if (last < KnownAttribute.Type)
            return MissingLead;
        var data = bytes[cursor.DataStart..];
        return cursor.DataKind switch
        {
            DataKind.Text when !System.Text.Unicode.Utf8.IsValid(data) => "its text is not UTF-8",
            DataKind.Json when !JsonText.IsWellFormed(data) => "its data is not JSON",
            _ => null,
        };
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
