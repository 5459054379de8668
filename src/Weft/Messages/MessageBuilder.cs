using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Messages;

/// <summary>
/// Puts a message together, attribute by attribute, in any order; every value is checked as it is set. <c>id</c>,
/// <c>source</c> and <c>type</c> are required. One of the <c>Build</c> methods ends it and leaves the builder empty for the
/// next message; a reused builder allocates nothing but the bytes of the messages. Not thread-safe.
/// </summary>
public sealed class MessageBuilder
{
    /// <summary>How many extension attributes a message can have, besides those that CloudEvents itself documents and Weft stores by number.</summary>
    public const int MaxExtensions = 64;

    private const int KeptCapacity = 64 * 1024;

    [ThreadStatic]
    private static MessageBuilder? t_spare;

    // Attributes in stored form in order of arrival; the two arrays say where each stands.
    private readonly (int Start, int Length)[] _known = new (int, int)[MessageLayout.KnownCount];
    private readonly List<(int Start, int Length)> _extensions = [];
    private byte[] _stored = new byte[512];
    private int _used;
    private ArrayBufferWriter<byte>? _json;
    private Utf8JsonWriter? _jsonWriter;

    /// <summary>Sets a text attribute; null leaves it unset.</summary>
    /// <param name="name">1 to 64 of <c>a-z 0-9</c>.</param>
    /// <param name="value">The value in its canonical string form.</param>
    /// <exception cref="ArgumentException">The name or the value breaks a rule of CloudEvents, or the attribute is set already.</exception>
    public MessageBuilder Set(string name, string? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        return value is null ? this : SetText(name, AttributeType.String, value);
    }

    /// <inheritdoc cref="Set(string, string?)"/>
    public MessageBuilder Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => TrySet(name, AttributeType.String, value, out var error)
        ? this
        : throw new ArgumentException(error.Text, nameof(value));

    /// <summary>Sets a Boolean extension attribute.</summary>
    /// <inheritdoc cref="Set(string, string?)"/>
    public MessageBuilder Set(string name, bool value) => SetText(name, AttributeType.Boolean, value ? "true" : "false");

    /// <summary>Sets an Integer extension attribute.</summary>
    /// <inheritdoc cref="Set(string, string?)"/>
    public MessageBuilder Set(string name, int value) => SetText(name, AttributeType.Integer, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sets a Timestamp attribute, such as <c>time</c>, in UTC.</summary>
    /// <inheritdoc cref="Set(string, string?)"/>
    public MessageBuilder Set(string name, DateTimeOffset value) => SetText(
        name, AttributeType.String, value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));

    /// <summary>Ends a message without data.</summary>
    /// <exception cref="InvalidOperationException">A required attribute is missing; the builder is as it was.</exception>
    public Message Build() => End(DataKind.None, default);

    /// <summary>Ends a message with data of which <c>datacontenttype</c> says what it is. The bytes are copied.</summary>
    /// <inheritdoc cref="Build"/>
    public Message BuildBytes(ReadOnlySpan<byte> data) => End(DataKind.Bytes, data);

    /// <summary>Ends a message with JSON, which is kept as it is. <c>datacontenttype</c> may be unset: it means <c>application/json</c>.</summary>
    /// <inheritdoc cref="Build"/>
    /// <exception cref="ArgumentException">The bytes are not one JSON value in UTF-8, or <c>datacontenttype</c> is not JSON in UTF-8.</exception>
    public Message BuildJson(ReadOnlySpan<byte> utf8Json)
    {
        RequireJsonType();
        return JsonText.IsWellFormed(utf8Json)
            ? End(DataKind.Json, utf8Json)
            : throw new ArgumentException("The data is not JSON; allowed is one JSON value in UTF-8, no deeper than 64 levels.", nameof(utf8Json));
    }

    /// <summary>Ends a message with an object as JSON.</summary>
    /// <inheritdoc cref="BuildJson(ReadOnlySpan{byte})"/>
    public Message BuildJson<T>(T data, JsonTypeInfo<T> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonSerializer.Serialize(BeginJson(), data, json);
        return End(DataKind.Json, _json!.WrittenSpan);
    }

    /// <summary>Ends a message with an object as JSON, whose type is known only at run time.</summary>
    internal Message BuildJson(object data, JsonTypeInfo json)
    {
        JsonSerializer.Serialize(BeginJson(), data, json);
        return End(DataKind.Json, _json!.WrittenSpan);
    }

    /// <summary>Forgets everything that was set.</summary>
    public void Clear()
    {
        Array.Clear(_known);
        _extensions.Clear();
        _used = 0;
        if (_stored.Length > KeptCapacity)
            _stored = new byte[512];
        if (_json?.Capacity > KeptCapacity)
            _json = null;
    }

    /// <summary>An empty builder of this thread; <see cref="Return"/> it. Between the two, another one is rented, so that callbacks may build messages too.</summary>
    internal static MessageBuilder Rent()
    {
        var builder = t_spare ?? new MessageBuilder();
        t_spare = null;
        return builder;
    }

    internal void Return()
    {
        Clear();
        t_spare = this;
    }

    /// <summary>Sets an attribute, or says why not.</summary>
    internal bool TrySet(ReadOnlySpan<byte> name, AttributeType type, ReadOnlySpan<byte> value, [NotNullWhen(false)] out EventError? error)
    {
        var known = MessageLayout.Find(name);
        error = Check(known, name, type, value);
        if (error is not null)
            return false;
        var room = _used + MessageLayout.MaxSize(name.Length, value.Length);
        if (room > _stored.Length)
            Array.Resize(ref _stored, Math.Max(room, _stored.Length * 2));
        var length = MessageLayout.Write(_stored.AsSpan(_used), known, type, name, value);
        if (known == KnownAttribute.Extension)
            _extensions.Add((_used, length));
        else
            _known[(int)known] = (_used, length);
        _used += length;
        return true;
    }

    /// <summary>The value of a known attribute as it was set; empty when it was not.</summary>
    internal ReadOnlySpan<byte> Get(KnownAttribute known)
    {
        var (start, length) = _known[(int)known];
        if (length == 0)
            return default;
        var head = start + 1;
        while (_stored[head++] >= 0x80)
        {
            // Passing over the length of the value.
        }
        return _stored.AsSpan(head..(start + length));
    }

    /// <summary>Ends the message, or says which required attribute is missing.</summary>
    internal bool TryEnd(DataKind kind, ReadOnlySpan<byte> data, out Message message, [NotNullWhen(false)] out EventError? error)
    {
        message = default;
        error = _known[(int)KnownAttribute.Id].Length == 0 ? EventErrors.Missing("id", "text that, with source, is unique per event")
            : _known[(int)KnownAttribute.Source].Length == 0 ? EventErrors.Missing("source", "a URI-reference")
            : _known[(int)KnownAttribute.Type].Length == 0 ? EventErrors.Missing("type", "text such as com.example.order.placed")
            : null;
        if (error is not null)
            return false;
        var bytes = GC.AllocateUninitializedArray<byte>(1 + _used + 1 + data.Length);
        bytes[0] = MessageLayout.Version;
        var at = 1;
        foreach (var range in _known)
            at += CopyStored(range, bytes.AsSpan(at));
        foreach (var range in _extensions)
            at += CopyStored(range, bytes.AsSpan(at));
        bytes[at++] = (byte)(MessageLayout.EndMark | (int)kind);
        data.CopyTo(bytes.AsSpan(at));
        Clear();
        message = new Message(bytes);
        return true;
    }

    private int CopyStored((int Start, int Length) range, Span<byte> into)
    {
        _stored.AsSpan(range.Start, range.Length).CopyTo(into);
        return range.Length;
    }

    private EventError? Check(KnownAttribute known, ReadOnlySpan<byte> name, AttributeType type, ReadOnlySpan<byte> value)
    {
        if (known == KnownAttribute.Extension && (!AttributeRules.IsName(name) || name.SequenceEqual("specversion"u8)))
            return EventErrors.BadName(name);
        if (AttributeRules.Broken(known, type, value) is { } allowed)
            return EventErrors.BadValue(name, value, allowed);
        if (known == KnownAttribute.Extension ? HasExtension(name) : _known[(int)known].Length != 0)
            return EventErrors.Twice(name);
        return known == KnownAttribute.Extension && _extensions.Count == MaxExtensions ? EventErrors.TooMany(name) : null;
    }

    private bool HasExtension(ReadOnlySpan<byte> name)
    {
        foreach (var (start, _) in _extensions)
        {
            if (_stored.AsSpan(start + 2, _stored[start + 1]).SequenceEqual(name))
                return true;
        }
        return false;
    }

    private MessageBuilder SetText(string name, AttributeType type, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        var nameLength = Encoding.UTF8.GetByteCount(name);
        var bytes = ArrayPool<byte>.Shared.Rent(nameLength + Encoding.UTF8.GetMaxByteCount(value.Length));
        try
        {
            Encoding.UTF8.GetBytes(name, bytes);
            // A lone surrogate is no text; the default would silently replace it.
            var status = System.Text.Unicode.Utf8.FromUtf16(value, bytes.AsSpan(nameLength), out _, out var length, replaceInvalidSequences: false);
            if (status != OperationStatus.Done)
                throw new ArgumentException($"{name} holds half a surrogate pair; allowed is valid Unicode.", nameof(value));
            if (!TrySet(bytes.AsSpan(0, nameLength), type, bytes.AsSpan(nameLength, length), out var error))
                throw new ArgumentException(error.Text, nameof(value));
            return this;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private Utf8JsonWriter BeginJson()
    {
        RequireJsonType();
        _json ??= new ArrayBufferWriter<byte>();
        _json.ResetWrittenCount();
        _jsonWriter ??= new Utf8JsonWriter(_json);
        _jsonWriter.Reset(_json);
        return _jsonWriter;
    }

    private Message End(DataKind kind, ReadOnlySpan<byte> data) => TryEnd(kind, data, out var message, out var error)
        ? message
        : throw new InvalidOperationException(error.Text);

    private void RequireJsonType()
    {
        var type = Get(KnownAttribute.DataContentType);
        if (!type.IsEmpty && !MediaType.IsUtf8Json(type))
            throw new ArgumentException($"datacontenttype is {TextRules.Show(type)}; allowed for JSON is a media type that ends in json, in UTF-8.");
    }
}
