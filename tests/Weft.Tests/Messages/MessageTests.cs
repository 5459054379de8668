using System.Text.Json.Serialization;
using Microsoft.Extensions.Time.Testing;
using Weft.Messages;

namespace Weft.Tests.Messages;

public sealed partial class MessageTests
{
    private static readonly FakeTimeProvider s_time = new(new DateTimeOffset(2026, 1, 31, 13, 45, 30, 250, TimeSpan.Zero));

    [Fact]
    public void An_object_becomes_an_event_with_id_time_and_JSON_data()
    {
        var message = Message.Create("order.placed", "/shop", new Order("7", 12.50m), subject: "orders/7", partitionKey: "c-1", time: s_time);
        Assert.Equal(7, Guid.Parse(message.Id).Version);
        Assert.Equal("order.placed", message.Type);
        Assert.Equal("/shop", message.Source);
        Assert.Equal("orders/7", message.Subject);
        Assert.Equal("c-1", message.PartitionKey);
        Assert.Equal("application/json", message.DataContentType);
        Assert.Null(message.DataSchema);
        Assert.Equal(s_time.GetUtcNow(), message.Time);
        Assert.Equal("2026-01-31T13:45:30.25Z", Events.Get(message, "time"));
        Assert.Equal("""{"id":"7","total":12.50}""", Events.Data(message));
        Assert.True(message is { HasData: true, IsJsonData: true, IsDefault: false });
    }

    [Fact]
    public void Generated_metadata_writes_the_data_when_given()
    {
        var message = Message.Create("t", "/s", new Order("7", 1m), json: OrderJson.Default.Order, time: s_time);
        Assert.Equal("""{"Id":"7","Total":1}""", Events.Data(message));
    }

    [Fact]
    public void Bytes_stay_as_they_are()
    {
        var message = Message.CreateBytes("t", "/s", [0, 255, 3], "image/png", id: "a", time: s_time);
        Assert.Equal([0, 255, 3], message.Data.ToArray());
        Assert.True(message is { HasData: true, IsJsonData: false, Id: "a" });
    }

    [Fact]
    public void Required_attributes_lead_and_extensions_keep_their_order()
    {
        var message = new MessageBuilder()
            .Set("zeta", 5).Set("type", "t").Set("alpha", true).Set("partitionkey", "k").Set("source", "/s").Set("id", "1").Set("subject", (string?)null)
            .Build();
        Assert.Equal(["id=1:String", "source=/s:String", "type=t:String", "partitionkey=k:String", "zeta=5:Integer", "alpha=true:Boolean"], Events.Attributes(message));
        Assert.False(message.HasData);
        Assert.True(message.Data.IsEmpty);
    }

    [Fact]
    public void A_builder_is_empty_after_building()
    {
        var builder = new MessageBuilder().Set("id", "1").Set("source", "/s").Set("type", "t").Set("x", "1");
        builder.Build();
        Assert.Throws<InvalidOperationException>(() => builder.Build());
        Assert.Null(Events.Get(builder.Set("id", "2").Set("source", "/s").Set("type", "t").Build(), "x"));
    }

    [Fact]
    public void A_missing_attribute_is_named()
    {
        var builder = new MessageBuilder().Set("id", "1").Set("type", "t");
        Assert.Contains("source is missing", Assert.Throws<InvalidOperationException>(() => builder.Build()).Message);
        Assert.Equal("/s", builder.Set("source", "/s").Build().Source);
    }

    [Theory]
    [InlineData("Name", "x")]
    [InlineData("na_me", "x")]
    [InlineData("", "x")]
    [InlineData("data", "x")]
    [InlineData("specversion", "1.0")]
    [InlineData("id", "")]
    [InlineData("source", "a b")]
    [InlineData("x", "line\nbreak")]
    public void The_builder_refuses(string name, string value) => Assert.Throws<ArgumentException>(() => new MessageBuilder().Set(name, value));

    [Fact]
    public void The_builder_refuses_half_a_surrogate_pair() =>
        Assert.Contains("surrogate", Assert.Throws<ArgumentException>(() => new MessageBuilder().Set("x", "half \ud800 pair")).Message);

    [Fact]
    public void An_attribute_is_set_once()
    {
        Assert.Throws<ArgumentException>(() => new MessageBuilder().Set("id", "1").Set("id", "1"));
        Assert.Throws<ArgumentException>(() => new MessageBuilder().Set("x", "1").Set("y", "1").Set("x", "1"));
    }

    [Fact]
    public void Names_up_to_64_and_64_extensions_fit()
    {
        var builder = new MessageBuilder().Set("id", "1").Set("source", "/s").Set("type", "t").Set(new string('n', 64), "x");
        Assert.Throws<ArgumentException>(() => builder.Set(new string('n', 65), "x"));
        for (var i = 1; i < MessageBuilder.MaxExtensions; i++)
            builder.Set($"e{i}", i);
        Assert.Throws<ArgumentException>(() => builder.Set("onemore", "x"));
        var message = builder.Build();
        Assert.Equal("63", Events.Get(message, "e63"));
        Assert.Equal("x", Events.Get(message, new string('n', 64)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16383)]
    [InlineData(16384)]
    [InlineData(2097152)]
    public void Values_of_every_length_come_back(int length)
    {
        var value = new string('v', length);
        var message = new MessageBuilder().Set("id", "1").Set("source", "/s").Set("type", "t").Set("x", value).Set("y", "after").BuildBytes("d"u8);
        Assert.Equal(value, Events.Get(message, "x"));
        Assert.Equal("after", Events.Get(message, "y"));
        Assert.Equal("d", Events.Data(message));
    }

    [Fact]
    public void JSON_data_must_be_JSON()
    {
        static MessageBuilder Begin() => new MessageBuilder().Set("id", "1").Set("source", "/s").Set("type", "t");
        Assert.Throws<ArgumentException>(() => Begin().BuildJson("{"u8));
        Assert.Throws<ArgumentException>(() => Begin().BuildJson("1 2"u8));
        Assert.Throws<ArgumentException>(() => Begin().BuildJson("\"\xff\""u8[..2]));
        Assert.Throws<ArgumentException>(() => Begin().Set("datacontenttype", "text/plain").BuildJson("1"u8));
        Assert.Equal("1", Events.Data(Begin().Set("datacontenttype", "application/cloud+JSON").BuildJson("1"u8)));
    }

    [Fact]
    public void Every_known_name_is_found_by_its_number()
    {
        for (var i = 1; i < MessageLayout.KnownCount; i++)
            Assert.Equal((KnownAttribute)i, MessageLayout.Find(MessageLayout.NameOf((KnownAttribute)i)));
        Assert.Equal(KnownAttribute.Extension, MessageLayout.Find("nothing"u8));
    }

    [Fact]
    public void The_stored_form_is_as_documented()
    {
        var message = new MessageBuilder().Set("id", "A").Set("source", "/s").Set("type", "t").Set("n", 5).BuildJson("{}"u8);
        byte[] expected = [1, 1, 1, .. "A"u8, 2, 2, .. "/s"u8, 3, 1, .. "t"u8, 0x20, 1, .. "n"u8, 1, .. "5"u8, 0x83, .. "{}"u8];
        Assert.Equal(expected, message.Bytes.ToArray());
    }

    [Fact]
    public void A_default_message_says_so()
    {
        var message = default(Message);
        Assert.True(message.IsDefault);
        Assert.Throws<InvalidDataException>(() => message.Id);
        Assert.Throws<InvalidDataException>(() => message.Data);
        Assert.Equal("no message", message.ToString());
        Assert.False(Message.TryRead(default, out _, out var problem));
        Assert.Equal("it is empty", problem);
    }

    [Theory]
    [InlineData(new byte[] { 9, 1 }, "version 9")]
    [InlineData(new byte[] { 1 }, "cut off")]
    [InlineData(new byte[] { 1, 0x80 }, "missing")]
    [InlineData(new byte[] { 1, 1, 1, 65, 3, 1, 116, 0x80 }, "missing")]
    [InlineData(new byte[] { 1, 2, 1, 65, 1, 1, 65, 3, 1, 116, 0x80 }, "missing")]
    [InlineData(new byte[] { 1, 1, 1, 65, 2, 1, 47, 3, 1, 116, 3, 1, 116, 0x80 }, "out of order")]
    [InlineData(new byte[] { 1, 1, 1, 65, 2, 1, 47, 3, 1, 116, 0x80, 1 }, "cut off")]
    [InlineData(new byte[] { 1, 1, 1, 65, 2, 1, 47, 3, 1, 10, 0x80 }, "damaged")]
    [InlineData(new byte[] { 1, 1, 1, 65, 2, 1, 47, 3, 1, 116, 0x83, 123 }, "not JSON")]
    [InlineData(new byte[] { 1, 1, 1, 65, 2, 1, 47, 3, 1, 116, 0x82, 255 }, "not UTF-8")]
    [InlineData(new byte[] { 1, 1, 0xFF, 0xFF, 0xFF, 0x7F }, "cut off")]
    [InlineData(new byte[] { 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F }, "cut off")]
    public void Damaged_bytes_are_described(byte[] bytes, string expected)
    {
        Assert.False(Message.TryRead(bytes, out _, out var problem));
        Assert.Contains(expected, problem);
    }

    internal sealed record Order(string Id, decimal Total);

    [JsonSerializable(typeof(Order))]
    private sealed partial class OrderJson : JsonSerializerContext;
}
