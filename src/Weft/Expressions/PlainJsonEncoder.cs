using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Weft.Expressions;

/// <summary>
/// Escapes in JSON what the relaxed encoder of .NET does, except that it leaves characters beyond the basic plane as they are: that one
/// writes each of them as two escapes of six characters, which nobody can read.
/// </summary>
internal sealed class PlainJsonEncoder : JavaScriptEncoder
{
    // What UTF-8 begins four bytes with.
    private const byte FirstLead = 0xF0, LastLead = 0xF4;

    private static readonly JavaScriptEncoder s_relaxed = UnsafeRelaxedJsonEscaping;

    private PlainJsonEncoder()
    {
    }

    public static PlainJsonEncoder Instance { get; } = new();

    public override int MaxOutputCharactersPerInputCharacter => s_relaxed.MaxOutputCharactersPerInputCharacter;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar <= char.MaxValue && s_relaxed.WillEncode(unicodeScalar);

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten) =>
        s_relaxed.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        for (var at = 0; at < textLength;)
        {
            var next = s_relaxed.FindFirstCharacterToEncode(text + at, textLength - at);
            if (next < 0)
                return -1;
            at += next;
            if (Rune.DecodeFromUtf16(new ReadOnlySpan<char>(text + at, textLength - at), out var rune, out var length) != OperationStatus.Done || rune.IsBmp)
                return at;
            at += length;
        }
        return -1;
    }

    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text)
    {
        for (var at = 0; at < utf8Text.Length;)
        {
            var next = s_relaxed.FindFirstCharacterToEncodeUtf8(utf8Text[at..]);
            if (next < 0)
                return -1;
            at += next;
            if (Rune.DecodeFromUtf8(utf8Text[at..], out var rune, out var length) != OperationStatus.Done || rune.IsBmp)
                return at;
            at += length;
        }
        return -1;
    }

    public override OperationStatus EncodeUtf8(ReadOnlySpan<byte> utf8Source, Span<byte> utf8Destination, out int bytesConsumed, out int bytesWritten, bool isFinalBlock = true)
    {
        bytesConsumed = bytesWritten = 0;
        while (true)
        {
            var rest = utf8Source[bytesConsumed..];
            var lead = rest.IndexOfAnyInRange(FirstLead, LastLead);
            var status = s_relaxed.EncodeUtf8(lead < 0 ? rest : rest[..lead], utf8Destination[bytesWritten..], out var consumed, out var written, lead >= 0 || isFinalBlock);
            bytesConsumed += consumed;
            bytesWritten += written;
            if (lead < 0 || status != OperationStatus.Done)
                return status;
            rest = rest[lead..];
            status = Rune.DecodeFromUtf8(rest, out _, out var length);
            if (status == OperationStatus.NeedMoreData && !isFinalBlock)
                return status;
            if (status == OperationStatus.Done)
                written = rest[..length].TryCopyTo(utf8Destination[bytesWritten..]) ? length : 0;
            else
                // No UTF-8: a replacement character takes its place.
                s_relaxed.EncodeUtf8(rest[..length], utf8Destination[bytesWritten..], out _, out written);
            if (written == 0)
                return OperationStatus.DestinationTooSmall;
            bytesConsumed += length;
            bytesWritten += written;
        }
    }
}
