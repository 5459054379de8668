using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Weft.Expressions;

/// <summary>
/// A value of an expression: 24 bytes, without a box for numbers, times and slices of a message. Texts are UTF-8.
/// </summary>
/// <remarks>
/// A value that comes out of an evaluation may point into the message it was read from or into memory that the next evaluation on the same
/// frame uses again: take what you need from it before.
/// </remarks>
public readonly partial struct CelValue
{
    // What the fields hold, by kind:
    //   Int, UInt, Double, Bool   bits; read from JSON, also object = the buffer and extra = where the number stands in it
    //   Decimal                   bits and extra = the 96 bits of the number; scale = digits after the point, top bit the sign
    //   String, Bytes             object = byte[], bits = start, extra = length
    //   List                      object = CelValue[] (a stretch of it) or, as JSON, byte[]; bits = start, extra = length
    //   Map                       object = CelMap; or, as JSON, byte[], bits = start, extra = length
    //   Timestamp, Duration       bits = seconds, extra = nanoseconds
    //   Error, Type, Optional     object
    private readonly object? _object;
    private readonly long _bits;

    // Kind (8 bits), json (8), scale (16) and extra (32). A value is copied as soon as it is made, and a processor waits before it reads 64
    // bits that were written piece by piece.
    private readonly ulong _tail;

    private CelValue(CelKind kind, object? reference, long bits, int extra = 0, bool json = false, ushort scale = 0)
    {
        _object = reference;
        _bits = bits;
        _tail = (byte)kind | (json ? 1UL << 8 : 0) | ((ulong)scale << 16) | ((ulong)(uint)extra << 32);
    }

    /// <summary>What it is.</summary>
    public CelKind Kind => (CelKind)(byte)_tail;

    /// <summary>Whether there is no value.</summary>
    public bool IsError => Kind == CelKind.Error;

    /// <summary>Why there is no value; null when there is one.</summary>
    public CelError? Error => Kind == CelKind.Error ? (CelError?)_object ?? CelError.NoValue : null;

    /// <summary>Whether it is the value true. No other value counts as true.</summary>
    public bool IsTrue => Kind == CelKind.Bool && _bits != 0;

    /// <summary>Whether it is the value false. No other value counts as false.</summary>
    public bool IsFalse => Kind == CelKind.Bool && _bits == 0;

    private int Extra => (int)(_tail >> 32);

    private ushort Scale => (ushort)(_tail >> 16);

    internal bool AsBool => _bits != 0;

    internal long AsInt => _bits;

    internal ulong AsUInt => (ulong)_bits;

    internal double AsDouble => BitConverter.Int64BitsToDouble(_bits);

    internal decimal AsDecimal => new((int)_bits, (int)(_bits >> 32), Extra, (Scale & 0x8000) != 0, (byte)Scale);

    /// <summary>The text or the bytes.</summary>
    internal ReadOnlySpan<byte> AsSpan => new(Unsafe.As<byte[]>(_object), (int)_bits, Extra);

    /// <summary>The text or the bytes, with the array they stand in.</summary>
    internal ArraySegment<byte> AsSegment => new(Unsafe.As<byte[]>(_object!), (int)_bits, Extra);

    /// <summary>Whole seconds of a time since 1970 or of a duration; rounded down for times, towards zero for durations.</summary>
    internal long Seconds => _bits;

    /// <summary>Nanoseconds beside <see cref="Seconds"/>: 0 to 999,999,999 for times; with the sign of the seconds for durations.</summary>
    internal int Nanos => Extra;

    internal CelType AsType => Unsafe.As<CelType>(_object!);

    /// <summary>The value of an optional; an error without one when it is none.</summary>
    internal CelOptional AsOptional => Unsafe.As<CelOptional>(_object!);

    /// <summary>Whether it stands in a JSON text: numbers that keep their digits, lists and maps that nobody has read yet.</summary>
    internal bool IsJson => (byte)(_tail >> 8) != 0;

    /// <summary>The items of a list that is not <see cref="IsJson"/>.</summary>
    internal ReadOnlySpan<CelValue> Items => new(Unsafe.As<CelValue[]>(_object), (int)_bits, Extra);

    /// <summary>A stretch of a list that is not <see cref="IsJson"/>.</summary>
    internal CelValue Stretch(int start, int count) => new(CelKind.List, _object, _bits + start, count);

    /// <summary>A map that is not <see cref="IsJson"/>.</summary>
    internal CelMap AsMap => Unsafe.As<CelMap>(_object!);

    /// <summary>The array that the JSON text stands in.</summary>
    internal byte[] JsonBuffer
    {
        get
        {
            Debug.Assert(IsJson, "Only values from JSON have a buffer.");
            return Unsafe.As<byte[]>(_object!);
        }
    }

    /// <summary>Where the JSON text of a list, map or number begins.</summary>
    internal int JsonStart => Kind is CelKind.List or CelKind.Map ? (int)_bits : Extra;

    /// <summary>Where the JSON text of a list or map ends.</summary>
    internal int JsonEnd => (int)_bits + Extra;

    internal static CelValue Null { get; } = new(CelKind.Null, null, 0);

    internal static CelValue True { get; } = new(CelKind.Bool, null, 1);

    internal static CelValue False { get; } = new(CelKind.Bool, null, 0);

    internal static CelValue Of(bool value) => new(CelKind.Bool, null, value ? 1 : 0);

    internal static CelValue Of(long value) => new(CelKind.Int, null, value);

    internal static CelValue Of(ulong value) => new(CelKind.UInt, null, (long)value);

    internal static CelValue Of(double value) => new(CelKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    internal static CelValue Of(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var scale = (ushort)(((parts[3] >> 16) & 0xFF) | (parts[3] < 0 ? 0x8000 : 0));
        return new CelValue(CelKind.Decimal, null, (uint)parts[0] | ((long)parts[1] << 32), parts[2], scale: scale);
    }

    /// <summary>A text that is not in UTF-8 yet; makes an array.</summary>
    internal static CelValue Of(string value) => String(Encoding.UTF8.GetBytes(value));

    internal static CelValue String(byte[] utf8) => String(utf8, 0, utf8.Length);

    internal static CelValue String(byte[] buffer, int start, int length) => new(CelKind.String, buffer, start, length);

    internal static CelValue Bytes(byte[] bytes) => Bytes(bytes, 0, bytes.Length);

    internal static CelValue Bytes(byte[] buffer, int start, int length) => new(CelKind.Bytes, buffer, start, length);

    internal static CelValue List(CelValue[] items) => List(items, 0, items.Length);

    internal static CelValue List(CelValue[] items, int start, int count) => new(CelKind.List, items, start, count);

    internal static CelValue Map(CelMap map) => new(CelKind.Map, map, 0);

    internal static CelValue Timestamp(long seconds, int nanos) => new(CelKind.Timestamp, null, seconds, nanos);

    internal static CelValue Duration(long seconds, int nanos) => new(CelKind.Duration, null, seconds, nanos);

    internal static CelValue Of(CelType type) => new(CelKind.Type, type, 0);

    internal static CelValue Of(CelError error) => new(CelKind.Error, error, 0);

    internal static CelValue Of(CelOptional optional) => new(CelKind.Optional, optional, 0);

    /// <summary>A number as it stands in a JSON text, so that a copy keeps its digits.</summary>
    internal static CelValue JsonInt(long value, byte[] buffer, int start) => new(CelKind.Int, buffer, value, start, json: true);

    /// <inheritdoc cref="JsonInt"/>
    internal static CelValue JsonDouble(double value, byte[] buffer, int start) =>
        new(CelKind.Double, buffer, BitConverter.DoubleToInt64Bits(value), start, json: true);

    /// <summary>An array of a well-formed JSON text, from its bracket on.</summary>
    internal static CelValue JsonList(byte[] buffer, int start, int length) => new(CelKind.List, buffer, start, length, json: true);

    /// <summary>An object of a well-formed JSON text, from its brace on.</summary>
    internal static CelValue JsonMap(byte[] buffer, int start, int length) => new(CelKind.Map, buffer, start, length, json: true);
}
