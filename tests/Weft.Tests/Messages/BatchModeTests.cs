using System.Buffers;
using System.Text;
using Weft.Messages;

namespace Weft.Tests.Messages;

/// <summary>JSON batch format 1.0.2.</summary>
public sealed class BatchModeTests
{
    [Fact]
    public void Events_come_in_their_order()
    {
        var messages = Read($"[{Events.Json("\"x\":1")}, {Events.Json("\"data\":[ ]")} ]");
        Assert.Equal(2, messages.Count);
        Assert.Equal("1", Events.Get(messages[0], "x"));
        Assert.Null(Events.Get(messages[1], "x"));
        Assert.Equal("[ ]", Events.Data(messages[1]));
    }

    [Fact]
    public void A_batch_may_be_empty() => Assert.Empty(Read(" [] "));

    [Theory]
    [InlineData("[EVENT,{}]", 1, "specversion")]
    [InlineData("[EVENT,EVENT,5]", 2, null)]
    [InlineData("[EVENT,[EVENT]]", 1, null)]
    [InlineData("EVENT", null, null)]
    [InlineData("", null, null)]
    [InlineData("[EVENT", null, null)]
    [InlineData("[EVENT],", null, null)]
    [InlineData("[EVENT,]", null, null)]
    [InlineData("[EVENT,EVENT,EVENT,EVENT]", null, null)]
    public void One_bad_event_refuses_all(string json, int? index, string? attribute)
    {
        var before = Events.Structured(Events.Json());
        var into = new List<Message> { before };
        Assert.False(CloudEventHttp.TryReadBatch(Encoding.UTF8.GetBytes(json.Replace("EVENT", Events.Json())), 3, into, out var error));
        Assert.Equal(before.Bytes, Assert.Single(into).Bytes);
        Assert.Equal(index, error.Index);
        Assert.Equal(attribute, error.Attribute);
        if (index is not null)
            Assert.Contains($"event {index} of the batch", error.ToString());
    }

    [Fact]
    public void What_is_written_can_be_read()
    {
        Message[] messages = [.. Enumerable.Range(0, 5).Select(i => Message.Create("t", "/s", new { i }))];
        var output = new ArrayBufferWriter<byte>();
        CloudEventHttp.WriteBatch(messages, output);
        Assert.Equal(messages.Select(m => m.Bytes.ToArray()), Read(Encoding.UTF8.GetString(output.WrittenSpan)).Select(m => m.Bytes.ToArray()));
    }

    private static List<Message> Read(string json)
    {
        var into = new List<Message>();
        Assert.True(CloudEventHttp.TryReadBatch(Encoding.UTF8.GetBytes(json), 100, into, out var error), error?.ToString());
        return into;
    }
}
