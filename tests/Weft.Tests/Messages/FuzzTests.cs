using System.Text;
using CsCheck;
using Weft.EventBus;
using Weft.Messages;
using Weft.Options;

namespace Weft.Tests.Messages;

/// <summary>Whatever comes in, the codec answers with a message or an error, and what it accepts is sound.</summary>
public sealed class FuzzTests
{
    private const int Runs = 4000;

    private static readonly Gen<(int At, byte Value)[]> s_changes = Gen.Select(Gen.Int[0, 1 << 16], Gen.Byte, (at, value) => (at, value)).Array[1, 4];

    /// <summary>Pieces of JSON that get far into the reader.</summary>
    private static readonly Gen<string> s_pieces = Gen.OneOf(
        "{", "}", "[", "]", ":", ",", "\"specversion\":\"1.0\",", "\"id\":\"1\",", "\"source\":\"/s\",", "\"type\":\"t\"", "\"data\":", "\"data_base64\":\"", "\"x\":",
        "\\u00", "\\ud83d", "\\", "\"", "null", "1e9", "-", " ", "true", "\u0000", "é", "%", "\"datacontenttype\":\"text/plain\",").Array[0, 20].Select(string.Concat);

    [Fact]
    public void Random_bytes_as_JSON() => Gen.Byte.Array[0, 100].Sample(AssertStructured, iter: Runs);

    [Fact]
    public void Random_pieces_as_JSON() => s_pieces.Sample(text => AssertStructured(Encoding.UTF8.GetBytes(text)), iter: Runs);

    [Fact]
    public void Random_members_of_an_event() => s_pieces.Sample(text => AssertStructured(Encoding.UTF8.GetBytes(Events.Json(text))), iter: Runs);

    [Fact]
    public void Changed_events_in_structured_mode() => Gen.Select(EventGen.Event, s_changes).Sample(
        (sample, changes) => AssertStructured(Change(Encoding.UTF8.GetBytes(Events.Write(sample.ToMessage())), changes)), iter: Runs);

    [Fact]
    public void Random_headers() => Gen.Select(Gen.String[0, 20], Gen.OneOf(Gen.String[0, 30], s_pieces), Gen.String[0, 30], Gen.Byte.Array[0, 10]).Sample(
        (name, value, type, body) =>
        {
            var headers = new HeaderList(("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"), ("ce-" + name, value));
            if (CloudEventHttp.TryReadBinary(type, ref headers, body, out var message, out var error))
                AssertSound(message);
            else
                AssertClean(error);
            CloudEventHttp.TryGetMode(type, true, out _, out _);
        },
        iter: Runs);

    [Fact]
    public void Random_bytes_as_a_stored_message() => Gen.Byte.Array[0, 60].Sample(bytes => AssertStored([1, .. bytes]), iter: Runs);

    [Fact]
    public void Changed_stored_messages() => Gen.Select(EventGen.Event, s_changes).Sample(
        (sample, changes) => AssertStored(Change(sample.ToMessage().Bytes.ToArray(), changes)), iter: Runs);

    [Fact]
    public void Stored_messages_cut_anywhere() => EventGen.Event.Sample(
        sample =>
        {
            var bytes = sample.ToMessage().Bytes.ToArray();
            for (var length = 0; length < bytes.Length; length++)
                AssertStored(bytes[..length]);
        },
        iter: Runs / 20);

    private static void AssertStructured(byte[] body)
    {
        if (CloudEventHttp.TryReadStructured(body, out var message, out var error))
            AssertSound(message);
        else
            AssertClean(error);
        var into = new List<Message>();
        CloudEventHttp.TryReadBatch([.. "["u8, .. body, .. "]"u8], 10, into, out _);
        Assert.All(into, AssertSound);
    }

    private static void AssertSound(Message message)
    {
        Assert.True(Message.TryRead(message.Bytes, out _, out var problem), problem);
        Assert.Equal(message.Bytes.ToArray(), Events.Structured(Events.Write(message)).Bytes.ToArray());
    }

    private static void AssertClean(EventError error)
    {
        Assert.True(error.Text.Length < 300, error.Text);
        Assert.DoesNotContain(error.Text, char.IsControl);
    }

    /// <summary>Reading gives values or says that the bytes are none; a message that passes the check can be used in every way.</summary>
    private static void AssertStored(byte[] bytes)
    {
        var isSound = Message.TryRead(bytes, out _, out var problem);
        Assert.Equal(isSound, problem is null);
        try
        {
            Use(new Message(bytes));
        }
        catch (InvalidDataException) when (!isSound)
        {
            // As documented.
        }
    }

    private static readonly TopicKey s_key = new("t", "event.data.x", new WeftOptions());

    private static void Use(Message message)
    {
        _ = (message.Id, message.Source, message.Type, message.Subject, message.Time, message.DataSchema, message.PartitionKey, message.IsJsonData, message.Data.Length);
        Events.Get(message, "other");
        Events.WriteHeaders(message);
        Events.Write(message);
        s_key.Of(message);
    }

    private static byte[] Change(byte[] bytes, (int At, byte Value)[] changes)
    {
        foreach (var (at, value) in changes)
            bytes[at % bytes.Length] = value;
        return bytes;
    }
}
