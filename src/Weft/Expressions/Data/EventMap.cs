using System.Text;
using Weft.Messages;

namespace Weft.Expressions.Data;

/// <summary>An event as a whole: its attributes and, as the last entry, its data. Only expressions that use <c>event</c> without a field see it.</summary>
internal sealed class EventMap : CelMap
{
    private readonly List<KeyValuePair<CelValue, CelValue>> _entries = [new(CelValue.Of("specversion"), CelValue.Of("1.0"))];

    public EventMap(Message message, Arena arena)
    {
        var buffer = EventSlots.Buffer(message.Bytes);
        var cursor = new MessageCursor(buffer);
        while (cursor.Step() == CursorStep.Attribute)
        {
            var name = cursor.Known == KnownAttribute.Extension ? cursor.Name : MessageLayout.NameOf(cursor.Known);
            _entries.Add(new(CelValue.Of(Encoding.UTF8.GetString(name)), EventSlots.Value(cursor, buffer)));
        }
        if (cursor.DataKind != DataKind.None)
            _entries.Add(new(CelValue.Of("data"), Data(message, cursor.DataKind, buffer[cursor.DataStart..], arena)));
    }

    public override int Count => _entries.Count;

    public override KeyValuePair<CelValue, CelValue> Entry(int index) => _entries[index];

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        foreach (var entry in _entries)
        {
            if (!ValueOperations.SameKey(entry.Key, key))
                continue;
            value = entry.Value;
            return true;
        }
        value = default;
        return false;
    }

    private static CelValue Data(Message message, DataKind kind, ArraySegment<byte> data, Arena arena)
    {
        if (kind == DataKind.Json || (message.IsJsonData && JsonText.IsWellFormed(data)))
            return JsonSlice.ReadWhole(data, arena);
        return EventData.Value(kind, message, data);
    }
}
