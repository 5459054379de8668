using System.Buffers;
using System.Buffers.Text;

namespace Weft.Messages;

/// <summary>The JSON event format (JSON format, sections 2 and 3), written without objects between.</summary>
internal static class JsonEventWriter
{
    private const int Base64Block = 3 * 1024;

    public static void Write(Message message, IBufferWriter<byte> output)
    {
        output.Write("{\"specversion\":\"1.0\""u8);
        foreach (var attribute in message.Attributes)
        {
            output.Write(",\""u8);
            output.Write(attribute.Name);
            output.Write("\":"u8);
            if (attribute.Type == AttributeType.String)
                JsonText.WriteString(output, attribute.Value);
            else
                output.Write(attribute.Value);
        }
        WriteData(message, output);
        output.Write("}"u8);
    }

    private static void WriteData(Message message, IBufferWriter<byte> output)
    {
        var kind = message.DataKind;
        if (kind == DataKind.None)
            return;
        var data = message.Data.Span;
        if (kind == DataKind.Text)
        {
            output.Write(",\"data\":"u8);
            JsonText.WriteString(output, data);
        }
        else if (kind == DataKind.Json || (message.IsJsonData && JsonText.IsWellFormed(data)))
        {
            output.Write(",\"data\":"u8);
            output.Write(data);
        }
        else
        {
            output.Write(",\"data_base64\":\""u8);
            WriteBase64(data, output);
            output.Write("\""u8);
        }
    }

    private static void WriteBase64(ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        while (!data.IsEmpty)
        {
            var block = data[..Math.Min(Base64Block, data.Length)];
            var span = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(block.Length));
            Base64.EncodeToUtf8(block, span, out _, out var written);
            output.Advance(written);
            data = data[block.Length..];
        }
    }
}
