using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Weft.Messages;

/// <summary>
/// The JSON event format (JSON format, sections 2 to 4), read forward only. Attributes go into the builder as they come;
/// of the data only the place is noted, since <c>datacontenttype</c>, which says what it is, may follow it.
/// </summary>
internal ref struct JsonEventReader
{
    private const int OnStack = 256;
    private const string AttributeRule = "text, true, false or a whole number";

    private readonly ReadOnlySpan<byte> _document;
    private readonly MessageBuilder _builder;
    private bool _hasSpecVersion;
    private ReadOnlySpan<byte> _data;
    private JsonTokenType _dataToken;
    private ReadOnlySpan<byte> _base64;
    private bool _hasBase64;

    private JsonEventReader(ReadOnlySpan<byte> document, MessageBuilder builder)
    {
        _document = document;
        _builder = builder;
    }

    public static bool TryReadOne(ReadOnlySpan<byte> document, MessageBuilder builder, out Message message, [NotNullWhen(false)] out EventError? error)
    {
        message = default;
        if (!Utf8.IsValid(document))
        {
            error = EventErrors.NotUtf8;
            return false;
        }
        try
        {
            var reader = NewReader(document, 1);
            reader.Read();
            if (!TryReadEvent(ref reader, document, builder, out message, out error))
                return false;
            // Throws when something follows.
            reader.Read();
            return true;
        }
        catch (JsonException e)
        {
            message = default;
            error = NotJson(e);
            return false;
        }
    }

    public static bool TryReadBatch(
        ReadOnlySpan<byte> document, int maxEvents, MessageBuilder builder, IList<Message> into, [NotNullWhen(false)] out EventError? error)
    {
        if (!Utf8.IsValid(document))
        {
            error = EventErrors.NotUtf8;
            return false;
        }
        try
        {
            var reader = NewReader(document, 2);
            reader.Read();
            error = reader.TokenType == JsonTokenType.StartArray ? null : EventErrors.NotBatch(Describe(reader.TokenType));
            for (var index = 0; error is null && reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                if (index == maxEvents)
                    error = EventErrors.BatchTooLong(maxEvents);
                else if (TryReadEvent(ref reader, document, builder, out var message, out error))
                    into.Add(message);
                else
                    error = error with { Index = index };
            }
            return error is null && !reader.Read();
        }
        catch (JsonException e)
        {
            error = NotJson(e);
            return false;
        }
    }

    /// <param name="document">The whole document.</param>
    /// <param name="dataDepth">How many levels the data stands below the top: 1 in an event, 2 in an event of a batch.</param>
    private static Utf8JsonReader NewReader(ReadOnlySpan<byte> document, int dataDepth) =>
        new(document, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth + dataDepth });

    private static bool TryReadEvent(
        scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> document, MessageBuilder builder, out Message message, [NotNullWhen(false)] out EventError? error)
    {
        message = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            error = EventErrors.NotEvent(Describe(reader.TokenType));
            return false;
        }
        var json = new JsonEventReader(document, builder);
        return json.TryReadMembers(ref reader, out error) && json.TryEnd(out message, out error);
    }

    private bool TryReadMembers(scoped ref Utf8JsonReader reader, [NotNullWhen(false)] out EventError? error)
    {
        Span<byte> unescaped = stackalloc byte[OnStack];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            scoped var name = reader.ValueSpan;
            if (reader.ValueIsEscaped)
            {
                if (name.Length > unescaped.Length || !JsonText.TryUnescape(name, unescaped, out var length))
                {
                    error = EventErrors.BadName(name);
                    return false;
                }
                name = unescaped[..length];
            }
            reader.Read();
            error = ReadMember(ref reader, name);
            if (error is not null)
                return false;
        }
        error = null;
        return true;
    }

    private EventError? ReadMember(scoped ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("data"u8))
        {
            if (_dataToken != JsonTokenType.None)
                return EventErrors.Twice(name);
            _dataToken = reader.TokenType;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            _data = _document[start..(int)reader.BytesConsumed];
            return null;
        }
        if (name.SequenceEqual("data_base64"u8))
            return ReadBase64(ref reader, name);
        if (name.SequenceEqual("specversion"u8))
            return ReadSpecVersion(ref reader, name);
        return ReadAttribute(ref reader, name);
    }

    private EventError? ReadBase64(scoped ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (_hasBase64)
            return EventErrors.Twice(name);
        if (reader.TokenType != JsonTokenType.String)
            return EventErrors.WrongJson(name, Describe(reader.TokenType), "text in Base64");
        _hasBase64 = true;
        _base64 = reader.ValueSpan;
        return null;
    }

    private EventError? ReadSpecVersion(scoped ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (_hasSpecVersion)
            return EventErrors.Twice(name);
        _hasSpecVersion = true;
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            return EventErrors.BadSpecVersion(reader.ValueSpan);
        return reader.TokenType == JsonTokenType.String && reader.ValueSpan.SequenceEqual("1.0"u8) ? null : EventErrors.BadSpecVersion(reader.ValueSpan);
    }

    private readonly EventError? ReadAttribute(scoped ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        EventError? error;
        switch (reader.TokenType)
        {
            case JsonTokenType.String when reader.ValueIsEscaped:
                return AddEscaped(name, reader.ValueSpan);
            case JsonTokenType.String:
                _builder.TrySet(name, AttributeType.String, reader.ValueSpan, out error);
                return error;
            case JsonTokenType.True or JsonTokenType.False:
                _builder.TrySet(name, AttributeType.Boolean, reader.ValueSpan, out error);
                return error;
            case JsonTokenType.Number:
                _builder.TrySet(name, AttributeType.Integer, reader.ValueSpan, out error);
                return error;
            case JsonTokenType.Null:
                // Null is the same as not set (JSON format, section 2.2).
                return AttributeRules.IsName(name) ? null : EventErrors.BadName(name);
            case var _ when !AttributeRules.IsName(name):
                return EventErrors.BadName(name);
            default:
                return EventErrors.WrongJson(name, Describe(reader.TokenType), AttributeRule);
        }
    }

    private readonly EventError? AddEscaped(scoped ReadOnlySpan<byte> name, ReadOnlySpan<byte> escaped)
    {
        var rented = escaped.Length > OnStack ? ArrayPool<byte>.Shared.Rent(escaped.Length) : null;
        var value = rented ?? stackalloc byte[OnStack];
        EventError? error;
        if (JsonText.TryUnescape(escaped, value, out var length))
            _builder.TrySet(name, AttributeType.String, value[..length], out error);
        else
            error = AttributeRules.IsName(name) ? EventErrors.BadValue(name, escaped, "valid Unicode") : EventErrors.BadName(name);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return error;
    }

    private readonly bool TryEnd(out Message message, [NotNullWhen(false)] out EventError? error)
    {
        message = default;
        error = !_hasSpecVersion ? EventErrors.MissingSpecVersion
            : _hasBase64 && _dataToken != JsonTokenType.None ? EventErrors.TwoData
            : null;
        if (error is not null)
            return false;
        if (_hasBase64)
            return TryEndEncoded(DataKind.Bytes, _base64, out message, out error);
        if (_dataToken == JsonTokenType.None)
            return _builder.TryEnd(DataKind.None, default, out message, out error);
        var type = _builder.Get(KnownAttribute.DataContentType);
        if (type.IsEmpty || MediaType.IsJson(type))
            return _builder.TryEnd(DataKind.Json, _data, out message, out error);
        if (_dataToken == JsonTokenType.Null)
            return _builder.TryEnd(DataKind.None, default, out message, out error);
        error = _dataToken != JsonTokenType.String ? EventErrors.DataNotText(Describe(_dataToken), type)
            : !MediaType.IsUtf8(type) ? EventErrors.DataNotUtf8(type)
            : null;
        return error is null && TryEndEncoded(DataKind.Text, _data[1..^1], out message, out error);
    }

    /// <summary>Ends with data that has to be decoded first: the escapes of a string, and then Base64 when it is bytes.</summary>
    private readonly bool TryEndEncoded(DataKind kind, ReadOnlySpan<byte> escaped, out Message message, [NotNullWhen(false)] out EventError? error)
    {
        message = default;
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(escaped.Length, 1));
        try
        {
            error = JsonText.TryUnescape(escaped, buffer, out var length) ? null : EventErrors.DataNotUnicode;
            if (error is null && kind == DataKind.Bytes && Base64.DecodeFromUtf8InPlace(buffer.AsSpan(0, length), out length) != OperationStatus.Done)
                error = EventErrors.NotBase64;
            return error is null && _builder.TryEnd(kind, buffer.AsSpan(0, length), out message, out error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static EventError NotJson(JsonException e) => EventErrors.NotJson(string.Create(
        CultureInfo.InvariantCulture, $"line {e.LineNumber.GetValueOrDefault() + 1}, byte {e.BytePositionInLine.GetValueOrDefault() + 1}"));

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "a JSON object",
        JsonTokenType.StartArray => "a JSON array",
        JsonTokenType.String => "a JSON string",
        JsonTokenType.Number => "a JSON number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };
}
