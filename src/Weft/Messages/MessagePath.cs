using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Weft.Messages;

/// <summary>
/// A dotted path to one value of an event: <c>event.subject</c>, <c>event.partitionkey</c>, <c>event.data.customer.id</c>. Made once,
/// used for every message. Names within data are as in C#: letters, digits and underscore, not beginning with a digit.
/// </summary>
/// <remarks>Safe for use from many threads.</remarks>
public sealed class MessagePath
{
    private static readonly byte[] s_specVersion = "1.0"u8.ToArray();

    private readonly string _text;
    private readonly byte[] _attribute;
    private readonly KnownAttribute _known;
    private readonly byte[][]? _members;

    private MessagePath(string text, string[] parts)
    {
        _text = text;
        _attribute = Encoding.ASCII.GetBytes(parts[1]);
        _known = MessageLayout.Find(_attribute);
        _members = parts[1] == "data" ? [.. parts.Skip(2).Select(Encoding.UTF8.GetBytes)] : null;
    }

    /// <summary>Reads a path.</summary>
    /// <param name="text">The path.</param>
    /// <param name="path">The path, ready for use.</param>
    /// <param name="error">Where the text is wrong and what is allowed there.</param>
    public static bool TryCompile(string text, [NotNullWhen(true)] out MessagePath? path, [NotNullWhen(false)] out MessagePathError? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        path = null;
        error = null;
        var parts = text.Split('.');
        if (parts[0] != "event" || parts.Length < 2)
            error = new MessagePathError(0, "A path begins with 'event.', such as event.subject or event.data.customerId.");
        var position = 0;
        for (var i = 0; error is null && i < parts.Length; i++)
        {
            if (i == 1 && !(parts[i] == "data" || AttributeRules.IsName(Encoding.UTF8.GetBytes(parts[i]))))
                error = At(position, parts[i], "the name of an attribute (a-z and 0-9) or 'data'");
            else if (i == 2 && parts[1] != "data")
                error = At(position, parts[i], "the end: an attribute has no members");
            else if (i >= 2 && !IsMember(parts[i]))
                error = At(position, parts[i], "a name of letters, digits and underscore that does not begin with a digit");
            position += parts[i].Length + 1;
        }
        if (error is null)
            path = new MessagePath(text, parts);
        return error is null;
    }

    /// <summary>
    /// Reads the value as text: strings without quotes and escapes, numbers by their digits (<c>1</c> and <c>1.0</c> differ), <c>true</c>
    /// and <c>false</c>. Of members with the same name the first counts. Never throws on what a message may hold.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="utf8">The value: a slice of the message, except that a string with escapes is allocated.</param>
    /// <returns>False when it is missing, empty, null, an object or an array, or when the data is not JSON.</returns>
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public bool TryRead(Message message, out ReadOnlyMemory<byte> utf8)
    {
        utf8 = _members is null ? ReadAttribute(message) : ReadData(message, _members);
        return !utf8.IsEmpty;
    }

    /// <summary>The path as it was given.</summary>
    public override string ToString() => _text;

    private ReadOnlyMemory<byte> ReadAttribute(Message message)
    {
        var cursor = new MessageCursor(message.Bytes.Span);
        if (_known != KnownAttribute.Extension ? cursor.Find(_known) : cursor.Find(_attribute))
            return message.Bytes.Slice(cursor.ValueStart, cursor.ValueLength);
        return _attribute.AsSpan().SequenceEqual("specversion"u8) ? s_specVersion : default;
    }

    private static ReadOnlyMemory<byte> ReadData(Message message, byte[][] members)
    {
        if (!message.IsJsonData)
            return default;
        var data = message.Data;
        var reader = new Utf8JsonReader(data.Span, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        try
        {
            reader.Read();
            foreach (var member in members)
            {
                if (!TryEnter(ref reader, member))
                    return default;
            }
            return Scalar(ref reader, data);
        }
        catch (JsonException)
        {
            // Data that only its content type calls JSON.
            return default;
        }
    }

    /// <summary>Goes from an object to the value of its member.</summary>
    private static bool TryEnter(ref Utf8JsonReader reader, ReadOnlySpan<byte> member)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = IsNamed(ref reader, member);
            reader.Read();
            if (found)
                return true;
            reader.Skip();
        }
        return false;
    }

    private static bool IsNamed(ref Utf8JsonReader reader, ReadOnlySpan<byte> member)
    {
        var name = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
            return name.SequenceEqual(member);
        // An escape makes at most six bytes of one.
        if (name.Length > 6 * member.Length || name.Length > 1024)
            return false;
        Span<byte> unescaped = stackalloc byte[1024];
        return JsonText.TryUnescape(name, unescaped, out var length) && unescaped[..length].SequenceEqual(member);
    }

    private static ReadOnlyMemory<byte> Scalar(ref Utf8JsonReader reader, ReadOnlyMemory<byte> data)
    {
        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.String when reader.ValueIsEscaped:
                var unescaped = new byte[reader.ValueSpan.Length];
                return JsonText.TryUnescape(reader.ValueSpan, unescaped, out var length) ? unescaped.AsMemory(0, length) : default;
            case JsonTokenType.String:
                return data.Slice(start + 1, reader.ValueSpan.Length);
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                return data.Slice(start, reader.ValueSpan.Length);
            default:
                return default;
        }
    }

    private static bool IsMember(string part) => part.Length > 0 && !char.IsAsciiDigit(part[0]) && part.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static MessagePathError At(int position, string found, string allowed) => new(position, found.Length == 0
        ? string.Create(CultureInfo.InvariantCulture, $"Nothing stands at position {position}; allowed is {allowed}.")
        : string.Create(CultureInfo.InvariantCulture, $"{TextRules.Show(Encoding.UTF8.GetBytes(found))} stands at position {position}; allowed is {allowed}."));
}

/// <summary>Why a path cannot be used.</summary>
/// <param name="Position">Where in the text, from 0.</param>
/// <param name="Text">What was found and what is allowed.</param>
public sealed record MessagePathError(int Position, string Text);
