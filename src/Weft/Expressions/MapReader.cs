using Weft.Messages;

namespace Weft.Expressions;

/// <summary>Walks through the entries of a map, whatever its form, without allocating.</summary>
/// <param name="map">A value of kind map.</param>
/// <param name="arena">Where texts with escapes go.</param>
internal struct MapReader(CelValue map, Arena arena)
{
    private int _at = map.IsJson ? map.JsonStart : 0;

    /// <summary>Goes to the next entry.</summary>
    /// <returns>False behind the last.</returns>
    public bool Next(out CelValue key, out CelValue value)
    {
        if (map.IsJson)
        {
            if (JsonSlice.NextMember(map, ref _at, out var start, out var end))
            {
                key = JsonSlice.ReadString(map.JsonBuffer, start, end, arena);
                value = JsonSlice.Read(map.JsonBuffer, _at, arena, out _at);
                return true;
            }
        }
        else if (_at < map.AsMap.Count)
        {
            (key, value) = map.AsMap.Entry(_at++);
            return true;
        }
        key = value = default;
        return false;
    }

    /// <summary>Goes to the next entry without reading its value.</summary>
    /// <returns>False behind the last.</returns>
    public bool NextKey(out CelValue key)
    {
        if (!map.IsJson)
            return Next(out key, out _);
        if (!JsonSlice.NextMember(map, ref _at, out var start, out var end))
        {
            key = default;
            return false;
        }
        key = JsonSlice.ReadString(map.JsonBuffer, start, end, arena);
        _at = JsonSlice.SkipValue(map.JsonBuffer, _at);
        return true;
    }

    /// <summary>The same, counting steps: one, and for JSON one more for each 64 bytes that it walks over.</summary>
    /// <returns>False behind the last, and when the frame is halted.</returns>
    public bool Next(Frame frame, out CelValue key, out CelValue value)
    {
        var from = _at;
        var has = Next(out key, out value);
        return frame.TryStep(map.IsJson ? 1 + (_at - from) / 64 : 1) && has;
    }

    /// <inheritdoc cref="Next(Frame, out CelValue, out CelValue)"/>
    public bool NextKey(Frame frame, out CelValue key)
    {
        var from = _at;
        var has = NextKey(out key);
        return frame.TryStep(map.IsJson ? 1 + (_at - from) / 64 : 1) && has;
    }

    /// <summary>How many entries a map has. For JSON it walks through the text and counts steps.</summary>
    public static int Count(in CelValue map, Frame frame)
    {
        if (!map.IsJson)
            return map.AsMap.Count;
        frame.TryStep(1 + (map.JsonEnd - map.JsonStart) / 64);
        var count = 0;
        for (var at = map.JsonStart; JsonSlice.NextMember(map, ref at, out _, out _); count++)
            at = JsonSlice.SkipValue(map.JsonBuffer, at);
        return count;
    }

    /// <summary>Finds a value by its key; of the same name twice in one JSON object the first counts.</summary>
    /// <returns>False when the key is not there.</returns>
    public static bool TryGet(in CelValue map, in CelValue key, Frame frame, out CelValue value)
    {
        if (!map.IsJson)
        {
            // A long text is hashed.
            if (key.Kind == CelKind.String && key.AsSpan.Length >= 64)
                frame.TryStep(key.AsSpan.Length / 64);
            return map.AsMap.TryGet(key, out value);
        }
        value = default;
        return key.Kind == CelKind.String && TryGet(map, key.AsSpan, frame, out value);
    }

    /// <summary>Finds a value by its name.</summary>
    /// <inheritdoc cref="TryGet(in CelValue, in CelValue, Frame, out CelValue)"/>
    public static bool TryGet(in CelValue map, ReadOnlySpan<byte> name, Frame frame, out CelValue value)
    {
        var at = map.JsonStart;
        while (JsonSlice.NextMember(map, ref at, out var start, out var end))
        {
            if (IsName(map.JsonBuffer.AsSpan(start, end - start), name))
            {
                frame.TryStep(1 + (at - map.JsonStart) / 64);
                value = JsonSlice.Read(map.JsonBuffer, at, frame.Arena, out _);
                return true;
            }
            at = JsonSlice.SkipValue(map.JsonBuffer, at);
        }
        frame.TryStep(1 + (at - map.JsonStart) / 64);
        value = default;
        return false;
    }

    /// <summary>Whether a name that stands in a JSON text, with its escapes, is this one.</summary>
    public static bool IsName(ReadOnlySpan<byte> escaped, ReadOnlySpan<byte> name)
    {
        if (escaped.SequenceEqual(name))
            return !name.Contains((byte)'\\');
        // An escape is at most six times as long as what it stands for, and never shorter.
        if (escaped.Length <= name.Length || escaped.Length > 6 * name.Length || !escaped.Contains((byte)'\\'))
            return false;
        Span<byte> into = escaped.Length <= 256 ? stackalloc byte[escaped.Length] : new byte[escaped.Length];
        return JsonText.TryUnescape(escaped, into, out var length) && into[..length].SequenceEqual(name);
    }
}
