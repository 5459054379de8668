using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using Weft.Messages;

namespace Weft.Expressions;

/// <summary>
/// Reads values out of a JSON text that is UTF-8 and whose form was checked before (as <see cref="JsonForm"/> does), without objects between.
/// </summary>
internal static class JsonSlice
{
    private const int MaxShortDigits = 15;

    private static readonly double[] s_powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>The first byte that is no white space.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SkipSpace(ReadOnlySpan<byte> json, int at) => JsonForm.Peek(json, at) <= ' ' ? SkipSpaces(json, at) : at;

    /// <inheritdoc cref="SkipSpace"/>
    public static int SkipSpaces(ReadOnlySpan<byte> json, int at)
    {
        while (at < json.Length && json[at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            at++;
        return at;
    }

    /// <summary>The byte after the value that begins at <paramref name="at"/>.</summary>
    public static int SkipValue(ReadOnlySpan<byte> json, int at) => JsonForm.Skip(json, at, depth: 0);

    /// <summary>The value that begins at <paramref name="at"/>, and the byte after it.</summary>
    /// <param name="buffer">The JSON text.</param>
    /// <param name="at">Where the value begins; white space before it is gone already.</param>
    /// <param name="arena">Where strings with escapes go.</param>
    /// <param name="end">The byte after the value.</param>
    public static CelValue Read(byte[] buffer, int at, Arena arena, out int end)
    {
        end = SkipValue(buffer, at);
        return Read(buffer, at, end, arena);
    }

    /// <summary>The value that stands from <paramref name="start"/> to before <paramref name="end"/>.</summary>
    public static CelValue Read(byte[] buffer, int start, int end, Arena arena) => buffer[start] switch
    {
        (byte)'"' => ReadString(buffer, start + 1, end - 1, arena),
        (byte)'{' => CelValue.JsonMap(buffer, start, end - start),
        (byte)'[' => CelValue.JsonList(buffer, start, end - start),
        (byte)'t' => CelValue.True,
        (byte)'f' => CelValue.False,
        (byte)'n' => CelValue.Null,
        _ => ReadNumber(buffer, start, end),
    };

    /// <summary>The value of a string whose quotes stand around <paramref name="start"/> and <paramref name="end"/>.</summary>
    public static CelValue ReadString(byte[] buffer, int start, int end, Arena arena)
    {
        var text = buffer.AsSpan(start, end - start);
        if (!text.Contains((byte)'\\'))
            return CelValue.String(buffer, start, end - start);
        if (!arena.TryReserve(text.Length, out var into))
            return CelValue.Of(arena.Limit!);
        return JsonText.TryUnescape(text, into, out var length)
            ? CelValue.String(into.Array!, into.Offset, arena.Keep(into, length))
            : CelValue.Of(CelError.Argument("A text of the data holds half a surrogate pair."));
    }

    /// <summary>A number: an int when it is written as a whole number that fits, else a double. Its digits stay known.</summary>
    public static CelValue ReadNumber(byte[] buffer, int start, int end)
    {
        var text = buffer.AsSpan(start, end - start);
        if (TryReadShort(text, out var digits, out var fraction))
        {
            if (fraction < 0)
                return CelValue.JsonInt(text[0] == '-' ? -digits : digits, buffer, start);
            var value = digits / s_powersOfTen[fraction];
            return CelValue.JsonDouble(text[0] == '-' ? -value : value, buffer, start);
        }
        if (Utf8Parser.TryParse(text, out long whole, out var used) && used == text.Length)
            return CelValue.JsonInt(whole, buffer, start);
        return CelValue.JsonDouble(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), buffer, start);
    }

    /// <summary>A number that is the end of its text: a copy, because what follows in the array could be taken for more digits.</summary>
    public static CelValue ReadLastNumber(ReadOnlySpan<byte> digits, Arena arena)
    {
        if (!arena.TryReserve(digits.Length + 1, out var room))
            return CelValue.Of(arena.Limit!);
        digits.CopyTo(room);
        room[digits.Length] = (byte)' ';
        return ReadNumber(room.Array!, room.Offset, room.Offset + digits.Length);
    }

    /// <summary>The value of a whole text, which may be followed by other bytes in its array.</summary>
    public static CelValue ReadWhole(ArraySegment<byte> json, Arena arena)
    {
        var start = SkipSpace(json, 0);
        return json[start] is (byte)'-' or (>= (byte)'0' and <= (byte)'9')
            ? ReadLastNumber(json.AsSpan(start).TrimEnd(" \t\r\n"u8), arena)
            : Read(json.Array!, json.Offset + start, arena, out _);
    }

    /// <summary>Goes to the next item of a JSON array.</summary>
    /// <param name="list">The array.</param>
    /// <param name="at">Where to go on: <see cref="CelValue.JsonStart"/> at first.</param>
    /// <param name="arena">Where strings with escapes go.</param>
    /// <param name="item">The item.</param>
    /// <returns>False behind the last.</returns>
    public static bool NextItem(in CelValue list, ref int at, Arena arena, out CelValue item)
    {
        var buffer = list.JsonBuffer;
        at = SkipSpace(buffer, at);
        if (buffer[at] is (byte)'[' or (byte)',')
            at = SkipSpace(buffer, at + 1);
        if (buffer[at] == (byte)']')
        {
            item = default;
            return false;
        }
        item = Read(buffer, at, arena, out at);
        return true;
    }

    /// <summary>Goes to the next member of a JSON object.</summary>
    /// <param name="map">The object.</param>
    /// <param name="at">Where to go on: <see cref="CelValue.JsonStart"/> at first; comes to stand before the member's value.</param>
    /// <param name="nameStart">Where the name begins, behind its quote.</param>
    /// <param name="nameEnd">Where the name ends, before its quote.</param>
    /// <returns>False behind the last.</returns>
    public static bool NextMember(in CelValue map, ref int at, out int nameStart, out int nameEnd)
    {
        var buffer = map.JsonBuffer;
        nameStart = nameEnd = 0;
        at = SkipSpace(buffer, at);
        if (buffer[at] is (byte)'{' or (byte)',')
            at = SkipSpace(buffer, at + 1);
        if (buffer[at] == (byte)'}')
            return false;
        nameStart = at + 1;
        at = JsonForm.SkipText(buffer, at);
        nameEnd = at - 1;
        at = SkipSpace(buffer, at) + 1;
        at = SkipSpace(buffer, at);
        return true;
    }

    /// <summary>
    /// Reads a number of few digits without an exponent. With a point, the digits and the power of ten are doubles without rounding, so that
    /// their quotient is the nearest one.
    /// </summary>
    /// <param name="text">A well-formed number.</param>
    /// <param name="digits">All its digits as one number, without the sign.</param>
    /// <param name="fraction">How many of them stand behind the point; -1 when there is none.</param>
    private static bool TryReadShort(ReadOnlySpan<byte> text, out long digits, out int fraction)
    {
        (digits, fraction) = (0, -1);
        // The sign and the point count too, which costs nobody anything.
        if (text.Length > MaxShortDigits)
            return false;
        for (var i = text[0] == '-' ? 1 : 0; i < text.Length; i++)
        {
            var digit = text[i] - '0';
            if ((uint)digit <= 9)
                digits = (digits * 10) + digit;
            else if (text[i] == '.')
                fraction = text.Length - i - 1;
            else
                return false;
        }
        return true;
    }
}
