using System.Buffers;
using System.Text;
using Weft.Messages;

namespace Weft.Tests.Messages;

/// <summary>Reads and writes events the short way.</summary>
internal static class Events
{
    /// <summary>A valid event in structured mode; members given replace or follow the required ones.</summary>
    public static string Json(string members = "") => """{"specversion":"1.0","id":"1","source":"/s","type":"t"MORE}""".Replace("MORE", members.Length == 0 ? "" : "," + members);

    public static Message Structured(string json)
    {
        Assert.True(CloudEventHttp.TryReadStructured(Encoding.UTF8.GetBytes(json), out var message, out var error), error?.ToString());
        AssertSound(message);
        return message;
    }

    public static EventError StructuredError(string json)
    {
        Assert.False(CloudEventHttp.TryReadStructured(Encoding.UTF8.GetBytes(json), out var message, out var error));
        Assert.True(message.IsDefault);
        return error!;
    }

    public static Message Binary(HeaderList headers, ReadOnlySpan<byte> body = default)
    {
        Assert.True(CloudEventHttp.TryReadBinary(headers.ContentType, ref headers, body, out var message, out var error), error?.ToString());
        AssertSound(message);
        return message;
    }

    public static EventError BinaryError(params (string, string)[] headers)
    {
        var list = new HeaderList(headers);
        Assert.False(CloudEventHttp.TryReadBinary(list.ContentType, ref list, default, out var message, out var error));
        Assert.True(message.IsDefault);
        return error!;
    }

    public static string Write(Message message)
    {
        var output = new ArrayBufferWriter<byte>();
        CloudEventHttp.WriteStructured(message, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static HeaderList WriteHeaders(Message message)
    {
        var headers = new HeaderList();
        CloudEventHttp.WriteBinaryHeaders(message, ref headers);
        return headers;
    }

    public static string? Get(Message message, string name) =>
        message.TryGet(Encoding.UTF8.GetBytes(name), out var utf8) ? Encoding.UTF8.GetString(utf8) : null;

    public static string Data(Message message) => Encoding.UTF8.GetString(message.Data.Span);

    /// <summary>All attributes in stored order.</summary>
    public static string[] Attributes(Message message)
    {
        var all = new List<string>();
        foreach (var attribute in message.Attributes)
            all.Add($"{Encoding.UTF8.GetString(attribute.Name)}={Encoding.UTF8.GetString(attribute.Value)}:{attribute.Type}");
        return [.. all];
    }

    private static void AssertSound(Message message)
    {
        Assert.True(Message.TryRead(message.Bytes, out _, out var problem), problem);
    }
}
