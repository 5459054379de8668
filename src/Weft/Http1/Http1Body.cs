using System.Text;

namespace Weft.Http1;

/// <summary>
/// Finds the body of an answer in what has come (RFC 9112, sections 6 and 7): by its length, in chunks, or up to the end of the connection. Used by one request at a time.
/// </summary>
internal sealed class Http1Body
{
    /// <summary>The longest line with the size of a chunk and its extensions, which nobody reads.</summary>
    public const int MaxChunkLine = 4 * 1024;

    private Step _step;
    private long _left;
    private int _scanned, _trailerSize;
    private List<KeyValuePair<string, string>>? _trailers;

    private enum Step : byte
    {
        Whole,
        Length,
        UntilClose,
        ChunkSize,
        Chunk,
        ChunkEnd,
        Trailers,
    }

    /// <summary>Whether all of it was found.</summary>
    public bool IsWhole => _step == Step.Whole;

    /// <summary>How much may have to be kept before some of it can be consumed.</summary>
    public int MostKept => _step == Step.Trailers ? Http1Head.MaxSize : MaxChunkLine;

    /// <summary>Whether more of it surely follows, in pieces larger than a receive.</summary>
    public bool IsLarge => _step is Step.Length or Step.Chunk && _left > Http1Connection.ReceiveSize;

    /// <summary>The fields after it, whatever they are; null for none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Trailers => _trailers;

    /// <summary>Begins with an answer whose head was read.</summary>
    /// <param name="head">The head.</param>
    /// <param name="hasBody">False for the answer to a HEAD request.</param>
    /// <returns>Whether the connection can serve another request once the body is whole.</returns>
    public bool Begin(Http1Head head, bool hasBody)
    {
        (_left, _scanned, _trailerSize, _trailers) = (0, 0, 0, null);
        if (!hasBody || head.Status is 204 or 304)
        {
            _step = Step.Whole;
            // A length or chunks with a 204 do not belong there; what follows may be a body all the same.
            return head.KeepsOpen && (head.Status != 204 || (head.Length is null or 0 && !head.IsChunked));
        }
        if (head.IsChunked)
            _step = Step.ChunkSize;
        else if (head.Length is { } length)
            (_step, _left) = (length == 0 ? Step.Whole : Step.Length, length);
        else
            _step = Step.UntilClose;
        return head.KeepsOpen && _step != Step.UntilClose;
    }

    /// <summary>
    /// Takes framing from the front of what has come and says how many bytes of the body follow it there. 0 means that more has to be received, unless
    /// <see cref="IsWhole"/>.
    /// </summary>
    /// <exception cref="HttpIOException">The framing is malformed or too large.</exception>
    public int Find(Http1Connection connection)
    {
        while (true)
        {
            var data = connection.Received;
            switch (_step)
            {
                case Step.Whole:
                    return 0;
                case Step.UntilClose:
                    return data.Length;
                case Step.Length or Step.Chunk:
                    return (int)Math.Min(_left, data.Length);
                case Step.ChunkEnd:
                    if (data.Length < 2)
                        return data.IsEmpty || data[0] == '\r' ? 0 : throw Http1Fault.Malformed("A chunk is longer than its size.");
                    if (data[0] != '\r' || data[1] != '\n')
                        throw Http1Fault.Malformed("A chunk is longer than its size.");
                    connection.Consume(2);
                    _step = Step.ChunkSize;
                    break;
                default:
                    if (!Http1Syntax.TryLine(data, ref _scanned, out var length))
                        return _step == Step.ChunkSize && data.Length > MaxChunkLine ? throw Http1Fault.TooLarge($"The line of a chunk has more than {MaxChunkLine} bytes.") : 0;
                    if (_step == Step.ChunkSize)
                        ReadSize(data[..length]);
                    else
                        ReadTrailer(data[..length]);
                    connection.Consume(length + 2);
                    break;
            }
        }
    }

    /// <summary>Takes bytes that <see cref="Find"/> has found.</summary>
    public void Take(Http1Connection connection, int count)
    {
        connection.Consume(count);
        if (_step == Step.UntilClose)
            return;
        _left -= count;
        if (_left == 0)
            _step = _step == Step.Chunk ? Step.ChunkEnd : Step.Whole;
    }

    /// <summary>The service has closed its side.</summary>
    /// <exception cref="HttpIOException">The body was not whole.</exception>
    public void End()
    {
        if (_step is not (Step.Whole or Step.UntilClose))
            throw Http1Fault.Ended();
        _step = Step.Whole;
    }

    private void ReadSize(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaxChunkLine)
            throw Http1Fault.TooLarge($"The line of a chunk has more than {MaxChunkLine} bytes.");
        var digits = 0;
        long size = 0;
        while (digits < line.Length && char.IsAsciiHexDigit((char)line[digits]))
        {
            // Leading zeros do not end, so places are counted and not the size.
            if (digits == 15)
                throw Http1Fault.Malformed("The size of a chunk has too many digits.");
            size = size << 4 | (long)Hex(line[digits++]);
        }
        var rest = line[digits..].TrimStart(" \t"u8);
        if (digits == 0 || (!rest.IsEmpty && rest[0] != ';') || !Http1Syntax.IsValue(rest))
            throw Http1Fault.Malformed("The size of a chunk is malformed.");
        (_step, _left) = size == 0 ? (Step.Trailers, 0) : (Step.Chunk, size);
    }

    private void ReadTrailer(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            _step = Step.Whole;
            return;
        }
        _trailerSize += line.Length;
        if (_trailerSize > Http1Head.MaxSize)
            throw Http1Fault.TooLarge($"The trailers have more than {Http1Head.MaxSize} bytes.");
        Http1Head.Split(line, out var name, out var value);
        (_trailers ??= []).Add(new(Encoding.Latin1.GetString(line[name]), Encoding.Latin1.GetString(line[value])));
    }

    private static int Hex(byte c) => char.IsAsciiDigit((char)c) ? c - '0' : (c | 0x20) - 'a' + 10;
}
