using System.Runtime.InteropServices;
using Weft.Messages;

namespace Weft.Expressions.Data;

/// <summary>
/// Reads what expressions ask of an event: attributes (<c>event.type</c>) and paths into its data (<c>event.data.total</c>), all in one pass
/// over the stored bytes.
/// </summary>
/// <remarks>Made once from the slots of expressions; safe for use from many threads, each with a frame of its own.</remarks>
internal sealed class EventSlots
{
    /// <summary>The name of the variable.</summary>
    public const string Name = "event";

    private const string DataField = "data";

    private readonly Attribute[] _attributes;
    private readonly SlotPath[] _wholes;
    private readonly JsonPaths? _data;

    public EventSlots(SlotTable slots)
    {
        var paths = slots.Paths.Where(p => p.Variable == Name).ToArray();
        _wholes = [.. paths.Where(p => p.Fields.Length == 0)];
        _attributes = [.. paths.Where(p => p.Fields.Length > 0 && p.Fields[0] != DataField).GroupBy(p => p.Fields[0], StringComparer.Ordinal).Select(g => new Attribute(g.Key, [.. g]))];
        SlotPath[] data = [.. paths.Where(p => p.Fields.Length > 0 && p.Fields[0] == DataField)];
        _data = data.Length == 0 ? null : new JsonPaths(data, depth: 1);
    }

    /// <summary>The declaration of the variable.</summary>
    public static VariableDeclaration Variable { get; } = new(Name, CelType.Object, ByPath: true);

    /// <summary>Fills the slots of a frame. Their values point into the message.</summary>
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public void Fill(Message message, Frame frame)
    {
        frame.Inputs.Reset();
        var buffer = Buffer(message.Bytes);
        foreach (var attribute in _attributes)
            attribute.Miss(frame);
        var cursor = new MessageCursor(buffer);
        CursorStep step;
        while ((step = cursor.Step()) == CursorStep.Attribute)
        {
            foreach (var attribute in _attributes)
            {
                if (attribute.Is(cursor))
                    attribute.Set(Value(cursor, buffer), frame);
            }
        }
        MessageCursor.ThrowIfCorrupt(step);
        _data?.FillData(message, cursor, buffer, frame);
        foreach (var whole in _wholes)
            frame.Slots[whole.Number] = CelValue.Map(new EventMap(message, frame.Inputs));
    }

    /// <summary>The array behind the bytes of a message; almost all have one.</summary>
    internal static ArraySegment<byte> Buffer(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) ? segment : new ArraySegment<byte>(bytes.ToArray());

    /// <summary>The value of the attribute that a cursor is at.</summary>
    internal static CelValue Value(in MessageCursor cursor, ArraySegment<byte> buffer) => cursor.Type switch
    {
        AttributeType.Boolean => CelValue.Of(cursor.Value.SequenceEqual("true"u8)),
        AttributeType.Integer => CelValue.Of(long.Parse(cursor.Value, System.Globalization.CultureInfo.InvariantCulture)),
        _ when cursor.Known == KnownAttribute.Time && Rfc3339.TryParse(cursor.Value, out var time) => CelValue.Of(time),
        _ => CelValue.String(buffer.Array!, buffer.Offset + cursor.ValueStart, cursor.ValueLength),
    };

    /// <summary>One attribute with all slots that begin with it.</summary>
    private sealed class Attribute(string name, SlotPath[] slots)
    {
        private readonly byte[] _name = System.Text.Encoding.UTF8.GetBytes(name);
        private readonly bool _isVersion = name == "specversion";
        private readonly KnownAttribute _known = MessageLayout.Find(System.Text.Encoding.UTF8.GetBytes(name));

        public bool Is(in MessageCursor cursor) =>
            cursor.Known == _known && (_known != KnownAttribute.Extension || cursor.Name.SequenceEqual(_name));

        /// <summary>The attribute is not there yet; the version is the same in all messages and not stored.</summary>
        public void Miss(Frame frame)
        {
            if (_isVersion)
            {
                Set(s_version, frame);
                return;
            }
            foreach (var slot in slots)
                frame.Slots[slot.Number] = slot.Missing(0);
        }

        public void Set(in CelValue value, Frame frame)
        {
            foreach (var slot in slots)
                frame.Slots[slot.Number] = slot.Fields.Length == 1 ? value : slot.NoMap(1);
        }
    }

    private static readonly CelValue s_version = CelValue.Of("1.0");
}

/// <summary>The data of an event for paths.</summary>
internal static class EventData
{
    /// <summary>Fills the slots of paths into the data: JSON, else a text, else bytes.</summary>
    public static void FillData(this JsonPaths paths, Message message, in MessageCursor cursor, ArraySegment<byte> buffer, Frame frame)
    {
        var data = buffer[cursor.DataStart..];
        switch (cursor.DataKind)
        {
            case DataKind.None:
                paths.Miss(frame);
                break;
            case DataKind.Json:
                paths.Fill(data, isTrusted: true, frame);
                break;
            case DataKind.Bytes when message.IsJsonData:
                paths.Fill(data, isTrusted: false, frame);
                break;
            default:
                paths.Set(Value(cursor.DataKind, message, data), frame);
                break;
        }
    }

    /// <summary>Data that is no JSON.</summary>
    public static CelValue Value(DataKind kind, Message message, ArraySegment<byte> data)
    {
        var isText = kind == DataKind.Text
            || (message.DataContentType is { } type && type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) && System.Text.Unicode.Utf8.IsValid(data));
        return isText ? CelValue.String(data.Array!, data.Offset, data.Count) : CelValue.Bytes(data.Array!, data.Offset, data.Count);
    }
}
