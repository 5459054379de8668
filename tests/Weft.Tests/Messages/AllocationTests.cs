using System.Buffers;
using System.Text;
using Weft.EventBus;
using Weft.Messages;
using Weft.Options;

namespace Weft.Tests.Messages;

/// <summary>What reading and writing allocate once warm.</summary>
public sealed class AllocationTests
{
    private const int Runs = 1000;

    /// <summary>Header, type and length of an array, and rounding up to eight bytes.</summary>
    private const int ArrayOverhead = 24 + 7;

    private static readonly byte[] s_body = Encoding.UTF8.GetBytes(Events.Json(
        "\"time\":\"2018-04-05T17:31:00Z\",\"tenant\":\"acme\",\"escaped\":\"a\\u20ac\",\"partitionkey\":\"k\",\"count\":5,\"data\":{\"list\":[1,2,3],\"customer\":{\"id\":\"c-7\",\"big\":1.5}}"));

    private static readonly byte[] s_base64 = Encoding.UTF8.GetBytes(Events.Json($"\"data_base64\":\"{Convert.ToBase64String(new byte[500])}\""));

    private static readonly byte[] s_batch = [.. "["u8, .. s_body, .. ","u8, .. s_base64, .. "]"u8];

    [Fact]
    public void Structured_mode_allocates_the_message() => AssertReads(() => Read(s_body));

    [Fact]
    public void Encoded_data_allocates_the_message() => AssertReads(() => Read(s_base64));

    [Fact]
    public void A_batch_allocates_its_messages()
    {
        var into = new List<Message>(2);
        var bytes = 0;
        AssertAllocates(
            () =>
            {
                into.Clear();
                Assert.True(CloudEventHttp.TryReadBatch(s_batch, 10, into, out _));
                bytes = into[0].Bytes.Length + into[1].Bytes.Length;
            },
            () => bytes + 2 * ArrayOverhead);
    }

    [Fact]
    public void Binary_mode_allocates_the_message()
    {
        var headers = new HeaderList(
            ("Content-Type", "application/json"), ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"), ("ce-tenant", "Euro%20%E2%82%AC"), ("ce-quoted", "\"a b\""));
        AssertReads(() =>
        {
            headers.Rewind();
            Assert.True(CloudEventHttp.TryReadBinary("application/json", ref headers, s_body, out var message, out _));
            return message;
        });
    }

    [Fact]
    public void A_builder_allocates_the_message()
    {
        var builder = new MessageBuilder();
        AssertReads(() => builder.Set("type"u8, "t"u8).Set("source"u8, "/s"u8).Set("id"u8, "1"u8).Set("tenant"u8, "acme"u8).BuildJson(s_body));
    }

    [Fact]
    public void Attributes_data_and_paths_allocate_nothing()
    {
        var message = Read(s_body);
        var data = new TopicKey("t", "event.data.customer.id", new WeftOptions());
        var attribute = new TopicKey("t", "event.partitionkey", new WeftOptions());
        var sum = 0;
        AssertAllocates(
            () =>
            {
                foreach (var item in message.Attributes)
                    sum += item.Name.Length + item.Value.Length;
                Assert.True(message.TryGet("tenant"u8, out _) && !message.TryGet("none"u8, out _) && message.IsJsonData && message.Time is not null);
                Assert.True(data.Of(message).Length == 3 && attribute.Of(message).Length == 1);
                sum += message.Data.Length;
            },
            () => 0);
        Assert.NotEqual(0, sum);
    }

    [Fact]
    public void Writing_in_structured_mode_allocates_nothing()
    {
        var message = Read(s_body);
        var output = new ArrayBufferWriter<byte>(4096);
        AssertAllocates(
            () =>
            {
                output.ResetWrittenCount();
                CloudEventHttp.WriteStructured(message, output);
            },
            () => 0);
    }

    private static Message Read(byte[] body)
    {
        Assert.True(CloudEventHttp.TryReadStructured(body, out var message, out _));
        return message;
    }

    private static void AssertReads(Func<Message> read)
    {
        var bytes = 0;
        AssertAllocates(() => bytes = read().Bytes.Length, () => bytes + ArrayOverhead);
    }

    private static void AssertAllocates(Action action, Func<int> allowed)
    {
        for (var i = 0; i < Runs; i++)
            action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Runs; i++)
            action();
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Runs;
        // Less than one byte a run is the runtime's own (tiering), not ours.
        Assert.True(each < allowed() + 1, $"{each} bytes each; allowed are {allowed()}");
    }
}
