using System.Text;

namespace Weft.Http1;

/// <summary>Where a field of a head stands, counted from the start of the head.</summary>
internal readonly record struct Http1Field(int Name, int NameLength, int Value, int ValueLength);

/// <summary>
/// Reads the head of an answer (RFC 9112, sections 4 to 6) as it comes, line by line, and remembers where its fields are. What may be read in two ways is refused,
/// also where the RFC lets a recipient choose: folded fields, bare LF, several lengths, a length beside a transfer coding, any coding but one <c>chunked</c>.
/// </summary>
internal sealed class Http1Head
{
    /// <summary>The most bytes of a head, those of interim answers before it included; also of the trailers.</summary>
    public const int MaxSize = 128 * 1024;

    private const int MaxFields = 1000;

    private Http1Field[] _fields = new Http1Field[24];
    private int _at, _scanned, _codings;

    /// <summary>The status.</summary>
    public int Status { get; private set; }

    /// <summary>How many fields there are.</summary>
    public int Count { get; private set; }

    /// <summary>The length that was said; null for none.</summary>
    public long? Length { get; private set; }

    /// <summary>Whether the body comes in chunks.</summary>
    public bool IsChunked => _codings > 0;

    /// <summary>Whether the connection can serve another request.</summary>
    public bool KeepsOpen { get; private set; }

    /// <summary>Whether <c>Connection</c> names fields that end here.</summary>
    public bool Nominates { get; private set; }

    /// <summary>A field by its place, from 0.</summary>
    public Http1Field this[int index] => _fields[index];

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        (_at, _scanned, _codings, Status, Count) = (0, 0, 0, 0, 0);
        (Length, KeepsOpen, Nominates) = (null, false, false);
    }

    /// <summary>Reads what has come.</summary>
    /// <param name="data">All bytes since the start of the head.</param>
    /// <returns>The length of the head; 0 while it is not whole.</returns>
    /// <exception cref="HttpIOException">It is malformed or too large.</exception>
    public int Read(ReadOnlySpan<byte> data)
    {
        // Said at once, because a service that speaks something else may never send a line.
        if (_at == 0 && !data[..Math.Min(data.Length, 7)].SequenceEqual("HTTP/1."u8[..Math.Min(data.Length, 7)]))
            throw Http1Fault.Malformed("The answer is not HTTP/1.");
        while (Http1Syntax.TryLine(data[_at..], ref _scanned, out var length))
        {
            var line = data.Slice(_at, length);
            if (_at == 0)
                ReadStatus(line);
            else if (length == 0)
            {
                Check();
                return _at + 2;
            }
            else
                ReadField(line);
            _at += length + 2;
        }
        return 0;
    }

    /// <summary>The value of the first field of a name, in any case.</summary>
    /// <param name="head">The bytes of the head.</param>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    public bool TryFind(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (ref readonly var field in _fields.AsSpan(0, Count))
        {
            if (field.NameLength == name.Length && Ascii.EqualsIgnoreCase(head.Slice(field.Name, field.NameLength), name))
            {
                value = head.Slice(field.Value, field.ValueLength);
                return true;
            }
        }
        value = default;
        return false;
    }

    /// <summary>Takes a line apart: a name, a colon, a value between optional spaces.</summary>
    /// <exception cref="HttpIOException">It is no field.</exception>
    public static void Split(ReadOnlySpan<byte> line, out Range name, out Range value)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0)
            throw Http1Fault.Malformed("A field has no name.");
        // A proxy takes out spaces before the colon (RFC 9112, 5.1).
        var end = colon;
        while (end > 0 && line[end - 1] is (byte)' ' or (byte)'\t')
            end--;
        var (first, last) = (colon + 1, line.Length);
        while (first < last && line[first] is (byte)' ' or (byte)'\t')
            first++;
        while (last > first && line[last - 1] is (byte)' ' or (byte)'\t')
            last--;
        (name, value) = (..end, first..last);
        if (!Http1Syntax.IsToken(line[name]))
            throw Http1Fault.Malformed("The name of a field holds a character that is not allowed, or a field is folded.");
        if (!Http1Syntax.IsValue(line[value]))
            throw Http1Fault.Malformed("The value of a field holds a control character.");
    }

    private void ReadStatus(ReadOnlySpan<byte> line)
    {
        // HTTP/1.1 200, and perhaps a space and a reason.
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || !char.IsAsciiDigit((char)line[7]) || line[8] != ' '
            || !TryNumber(line[9..12], out var status) || status < 100 || (line.Length > 12 && line[12] != ' ') || !Http1Syntax.IsValue(line))
            throw Http1Fault.Malformed("The status line is malformed.");
        Status = (int)status;
        // Of HTTP/1.0 only whole answers are needed, not connections.
        KeepsOpen = line[7] != '0';
    }

    private void ReadField(ReadOnlySpan<byte> line)
    {
        if (Count == MaxFields)
            throw Http1Fault.TooLarge($"The answer has more than {MaxFields} fields.");
        Split(line, out var name, out var value);
        if (Count == _fields.Length)
            Array.Resize(ref _fields, Count * 2);
        var ((nameAt, nameLength), (valueAt, valueLength)) = (name.GetOffsetAndLength(line.Length), value.GetOffsetAndLength(line.Length));
        _fields[Count++] = new(_at + nameAt, nameLength, _at + valueAt, valueLength);
        switch (nameLength)
        {
            case 10 when Ascii.EqualsIgnoreCase(line[name], "connection"u8):
                ReadConnection(line[value]);
                break;
            case 14 when Ascii.EqualsIgnoreCase(line[name], "content-length"u8):
                if (Length is not null || !TryNumber(line[value], out var length))
                    throw Http1Fault.Malformed("Content-Length is no number, or is there several times.");
                Length = length;
                break;
            case 17 when Ascii.EqualsIgnoreCase(line[name], "transfer-encoding"u8):
                if (_codings++ > 0 || !Ascii.EqualsIgnoreCase(line[value], "chunked"u8))
                    throw Http1Fault.Malformed("Transfer-Encoding is not exactly one chunked.");
                break;
        }
    }

    private void ReadConnection(ReadOnlySpan<byte> value)
    {
        foreach (var range in value.Split((byte)','))
        {
            var option = value[range].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(option, "close"u8))
                KeepsOpen = false;
            else if (!option.IsEmpty && !Ascii.EqualsIgnoreCase(option, "keep-alive"u8))
                Nominates = true;
        }
    }

    private void Check()
    {
        if (IsChunked && Length is not null)
            throw Http1Fault.Malformed("Content-Length and Transfer-Encoding are both there.");
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out long number)
    {
        number = 0;
        if (digits.Length is 0 or > 18)
            return false;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            number = number * 10 + (digit - '0');
        }
        return true;
    }
}
