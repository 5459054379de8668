using System.Text;
using Weft.Messages;

namespace Weft.Tests.Messages;

public sealed class MessagePathTests
{
    private const string Data = """
        "data":{ "skip": {"id":"no"}, "customer": {"id":"c-7","n\u0061me":"a\u20ac\"b","age":4.20,"vip":true,"none":null,"list":[1],"empty":""},
          "big":12345678901234567890, "dup":1, "dup":2, "half":"\ud800" }
        """;

    [Theory]
    [InlineData("event.id", "1")]
    [InlineData("event.specversion", "1.0")]
    [InlineData("event.partitionkey", "k")]
    [InlineData("event.tenant", "acme")]
    [InlineData("event.count", "5")]
    [InlineData("event.subject", null)]
    [InlineData("event.other", null)]
    [InlineData("event.data", null)]
    [InlineData("event.data.customer", null)]
    [InlineData("event.data.customer.id", "c-7")]
    [InlineData("event.data.customer.name", "a€\"b")]
    [InlineData("event.data.customer.age", "4.20")]
    [InlineData("event.data.customer.vip", "true")]
    [InlineData("event.data.customer.none", null)]
    [InlineData("event.data.customer.list", null)]
    [InlineData("event.data.customer.empty", null)]
    [InlineData("event.data.customer.id.more", null)]
    [InlineData("event.data.big", "12345678901234567890")]
    [InlineData("event.data.dup", "1")]
    [InlineData("event.data.half", null)]
    [InlineData("event.data.id", null)]
    public void Values_are_read(string path, string? expected)
    {
        var message = Events.Structured(Events.Json("\"partitionkey\":\"k\",\"tenant\":\"acme\",\"count\":5," + Data));
        Assert.Equal(expected, Read(path, message));
    }

    [Fact]
    public void Data_itself_may_be_the_value() => Assert.Equal("x", Read("event.data", Events.Structured(Events.Json("\"data\":\"x\""))));

    [Theory]
    [InlineData("application/json", "{\"a\":1}", "1")]
    [InlineData("application/json", "{\"b\":[1,{\"a\":2}],\"a\":1,broken", "1")]
    [InlineData("application/json", "{\"b\":1,broken", null)]
    [InlineData("application/json", "", null)]
    [InlineData("application/json", "[{\"a\":1}]", null)]
    [InlineData("text/plain", "{\"a\":1}", null)]
    public void Data_in_binary_mode_is_read_as_far_as_it_is_JSON(string contentType, string data, string? expected) =>
        Assert.Equal(expected, Read("event.data.a", Message.CreateBytes("t", "/s", Encoding.UTF8.GetBytes(data), contentType)));

    [Theory]
    [InlineData("", 0)]
    [InlineData("event", 0)]
    [InlineData("data.id", 0)]
    [InlineData("event.", 6)]
    [InlineData("event.Subject", 6)]
    [InlineData("event.subject.x", 14)]
    [InlineData("event.data.", 11)]
    [InlineData("event.data..x", 11)]
    [InlineData("event.data.a.1b", 13)]
    [InlineData("event.data.a-b", 11)]
    [InlineData("event.data.a b", 11)]
    public void Malformed_paths_say_where(string text, int position)
    {
        Assert.False(MessagePath.TryCompile(text, out _, out var error));
        Assert.Equal(position, error.Position);
    }

    private static string? Read(string text, Message message)
    {
        Assert.True(MessagePath.TryCompile(text, out var path, out var error), error?.Text);
        Assert.Equal(text, path.ToString());
        return path.TryRead(message, out var utf8) ? Encoding.UTF8.GetString(utf8.Span) : null;
    }
}
