using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Weft.Expressions;

/// <summary>Values from and to the types of .NET.</summary>
public readonly partial struct CelValue
{
    private const int MaxNesting = 64;
    private const int MaxObjects = 4_000_000;

    /// <summary>
    /// A value of .NET as a value of expressions: null, bool, whole numbers, double, float, decimal, string, char, byte[], DateTimeOffset,
    /// DateTime, TimeSpan, Guid (as text), JSON (JsonElement), dictionaries with texts as keys, any other sequence as a list, and <see cref="CelValue"/> itself.
    /// </summary>
    /// <param name="value">The value. Arrays of bytes are not copied; do not change them while an expression uses them.</param>
    /// <exception cref="ArgumentException">Expressions have no such type, or the value is nested more than 64 deep.</exception>
    public static CelValue From(object? value) => From(value, 0);

    /// <summary>A JSON text as a value: numbers keep their digits, and lists and maps are read where they stand when an expression asks for them.</summary>
    /// <param name="json">UTF-8. It is copied.</param>
    /// <exception cref="JsonException">It is not one JSON value, or nested more than 64 deep.</exception>
    public static CelValue FromJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxNesting });
        while (reader.Read())
        {
        }
        if (!System.Text.Unicode.Utf8.IsValid(json))
            throw new JsonException("The text is not UTF-8.");
        var buffer = json.ToArray();
        return JsonSlice.Read(buffer, JsonSlice.SkipSpace(buffer, 0), new Arena(), out _);
    }

    internal static CelValue Of(DateTimeOffset time) => FromTicks(time.UtcTicks);

    private static CelValue From(object? value, int depth)
    {
        if (depth > MaxNesting)
            throw new ArgumentException($"The value is nested more than {MaxNesting} deep.", nameof(value));
        return value switch
        {
            null => Null,
            CelValue already => already,
            bool truth => Of(truth),
            string text => Of(text),
            sbyte or short or int or long or byte or ushort => Of(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
            uint or ulong => Of(Convert.ToUInt64(value, CultureInfo.InvariantCulture)),
            float or double => Of(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
            decimal number => Of(number),
            byte[] bytes => Bytes(bytes),
            char or Guid => Of(value.ToString()!),
            DateTimeOffset time => Of(time),
            DateTime time => FromTicks(time.ToUniversalTime().Ticks),
            TimeSpan span => Duration(span.Ticks / TimeSpan.TicksPerSecond, (int)(span.Ticks % TimeSpan.TicksPerSecond) * 100),
            JsonElement json => FromJson(Encoding.UTF8.GetBytes(json.GetRawText())),
            IReadOnlyDictionary<string, object?> map => FromMap(map, depth),
            IEnumerable list => List([.. list.Cast<object?>().Select(item => From(item, depth + 1))]),
            _ => throw new ArgumentException($"Expressions have no values of type {value.GetType().Name}. Give it as JSON, as a dictionary, or as a list.", nameof(value)),
        };
    }

    private static CelValue FromMap(IReadOnlyDictionary<string, object?> map, int depth)
    {
        var builder = new CelEntries.Builder(new Arena { MaxBytes = long.MaxValue }, map.Count);
        foreach (var (key, item) in map)
            builder.Add(Of(key), From(item, depth + 1));
        return builder.ToValue();
    }

    private static CelValue FromTicks(long ticks)
    {
        var (seconds, rest) = Math.DivRem(ticks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerSecond);
        return rest < 0 ? Timestamp(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * 100) : Timestamp(seconds, (int)rest * 100);
    }

    /// <summary>
    /// The value as an object of .NET: null, bool, long, ulong, double, decimal, string, byte[], DateTimeOffset and TimeSpan (both cut to
    /// 100 ns), List of objects, Dictionary of objects by text (keys that are no texts become texts), <see cref="CelType"/>; of an optional what is in it, or null.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// It is an error, or holds more than 4,000,000 values: an expression may put a list into another many times over without taking memory.
    /// </exception>
    public object? ToObject()
    {
        var left = MaxObjects;
        return ToObject(ref left);
    }

    private object? ToObject(ref int left)
    {
        if (--left < 0)
            throw new InvalidOperationException($"The value holds more than {MaxObjects} values.");
        switch (Kind)
        {
            case CelKind.Null:
                return null;
            case CelKind.Bool:
                return AsBool;
            case CelKind.Int:
                return AsInt;
            case CelKind.UInt:
                return AsUInt;
            case CelKind.Double:
                return AsDouble;
            case CelKind.Decimal:
                return AsDecimal;
            case CelKind.String:
                return Encoding.UTF8.GetString(AsSpan);
            case CelKind.Bytes:
                return AsSpan.ToArray();
            case CelKind.Timestamp:
                return DateTimeOffset.UnixEpoch.AddTicks((Seconds * TimeSpan.TicksPerSecond) + (Nanos / 100));
            case CelKind.Duration:
                return TimeSpan.FromTicks((Seconds * TimeSpan.TicksPerSecond) + (Nanos / 100));
            case CelKind.Type:
                return AsType;
            case CelKind.Optional:
                return AsOptional.HasValue ? AsOptional.Value.ToObject(ref left) : null;
            case CelKind.List:
                var list = new List<object?>();
                for (var reader = new ListReader(this, new Arena()); reader.Next(out var item);)
                    list.Add(item.ToObject(ref left));
                return list;
            case CelKind.Map:
                var map = new Dictionary<string, object?>(StringComparer.Ordinal);
                for (var reader = new MapReader(this, new Arena()); reader.Next(out var key, out var entry);)
                    map[key.Kind == CelKind.String ? (string)key.ToObject()! : key.ToString()] = entry.ToObject(ref left);
                return map;
            default:
                throw new InvalidOperationException(Error!.Message);
        }
    }

    /// <summary>The value as it would be written in an expression; an error as its message.</summary>
    public override string ToString() => CelText.Of(this);
}
