using System.Buffers;
using System.Buffers.Text;

namespace Weft.Expressions.Library;

/// <summary>The encoders extension of CEL: Base64 of RFC 4648, section 4. Decoding takes texts without padding too.</summary>
internal static class EncodersLibrary
{
    private static readonly CelError s_notBase64 = CelError.Argument(
        "base64.decode() takes text in Base64: letters, digits, '+' and '/', with or without '=' at the end.");

    public static void Register(Registry registry)
    {
        registry.Global("base64.encode", "base64_encode_bytes", [CelType.Bytes], CelType.String, Encode);
        registry.Global("base64.decode", "base64_decode_string", [CelType.String], CelType.Bytes, Decode);
    }

    private static CelValue Encode(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var bytes = arguments[0].AsSpan;
        // More than 1.6 GB cannot be encoded into one array, and is beyond any limit.
        if (!frame.TryWalk(bytes.Length) || !frame.Arena.TryReserve(Base64.GetMaxEncodedToUtf8Length(bytes.Length), out var room))
            return frame.Stopped();
        Base64.EncodeToUtf8(bytes, room, out _, out var length);
        return CelValue.String(room.Array!, room.Offset, frame.Arena.Keep(room, length));
    }

    private static CelValue Decode(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var text = arguments[0].AsSpan;
        if (!frame.TryWalk(text.Length) || !frame.Arena.TryReserve(text.Length + 2, out var room))
            return frame.Stopped();
        var decoded = room.AsSpan();
        var length = 0;
        foreach (var unit in text)
        {
            // Lines may be broken, but other white space, which the decoder takes, is refused.
            if (unit is (byte)' ' or (byte)'\t')
                decoded[length++] = (byte)'?';
            else if (unit is not ((byte)'\r' or (byte)'\n'))
                decoded[length++] = unit;
        }
        if (length % 4 >= 2 && !decoded[..length].Contains((byte)'='))
        {
            while (length % 4 != 0)
                decoded[length++] = (byte)'=';
        }
        var isBase64 = Base64.DecodeFromUtf8InPlace(decoded[..length], out length) == OperationStatus.Done;
        frame.Arena.Keep(room, isBase64 ? length : 0);
        return isBase64 ? CelValue.Bytes(room.Array!, room.Offset, length) : CelValue.Of(s_notBase64);
    }
}
