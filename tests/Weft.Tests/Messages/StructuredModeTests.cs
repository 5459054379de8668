using System.Text;
using Weft.Messages;

namespace Weft.Tests.Messages;

/// <summary>JSON event format 1.0.2.</summary>
public sealed class StructuredModeTests
{
    [Fact]
    public void All_attributes_are_read()
    {
        var message = Events.Structured("""
            { "time" : "2018-04-05T17:31:00Z", "comexampleextension1" : "value", "comexampleothervalue" : 5, "flag": true, "unsetextension": null,
              "subject": null, "datacontenttype" : "application/xml", "data" : "<much wow=\"xml\"/>", "dataschema": "http://x/y",
              "specversion" : "1.0", "type" : "com.example.someevent", "source" : "/mycontext", "id" : "B234-1234-1234" }
            """);
        Assert.Equal(
            [
                "id=B234-1234-1234:String", "source=/mycontext:String", "type=com.example.someevent:String", "time=2018-04-05T17:31:00Z:String",
                "datacontenttype=application/xml:String", "dataschema=http://x/y:String", "comexampleextension1=value:String",
                "comexampleothervalue=5:Integer", "flag=true:Boolean",
            ],
            Events.Attributes(message));
        Assert.Equal("<much wow=\"xml\"/>", Events.Data(message));
        Assert.Equal("1.0", Events.Get(message, "specversion"));
        Assert.False(message.IsJsonData);
    }

    [Theory]
    [InlineData("\"data\":{ \"n\" : 1.10, \"big\":123456789012345678901234567890 }", "{ \"n\" : 1.10, \"big\":123456789012345678901234567890 }", true)]
    [InlineData("\"data\":\"I'm just a string\"", "\"I'm just a string\"", true)]
    [InlineData("\"data\":null", "null", true)]
    [InlineData("\"data\":false,\"datacontenttype\":\"application/vnd.x+json;charset=utf-8\"", "false", true)]
    [InlineData("\"data\":[1, 2],\"datacontenttype\":\"text/JSON\"", "[1, 2]", true)]
    [InlineData("\"data\":\"a\\u20ac\\ud83d\\ude00\\n\\/\",\"datacontenttype\":\"text/plain\"", "a€😀\n/", false)]
    [InlineData("\"data_base64\":\"AP8\\u002B\"", "\0\ufffd>", false)]
    [InlineData("\"data_base64\":\"e30=\",\"datacontenttype\":\"application/json\"", "{}", true)]
    [InlineData("\"data_base64\":\"\"", "", false)]
    public void Data_is_kept(string members, string expected, bool isJson)
    {
        var message = Events.Structured(Events.Json(members));
        Assert.True(message.HasData);
        Assert.Equal(isJson, message.IsJsonData);
        if (!members.Contains("AP8"))
            Assert.Equal(expected, Events.Data(message));
        else
            Assert.Equal([0, 255, 62], message.Data.ToArray());
    }

    [Theory]
    [InlineData("\"data_base64\":null")]
    [InlineData("\"data\":null,\"datacontenttype\":\"text/plain\"")]
    [InlineData("\"x\":null")]
    public void Null_is_not_set(string members)
    {
        var message = Events.Structured(Events.Json(members));
        Assert.False(message.HasData);
        Assert.Null(Events.Get(message, "x"));
    }

    [Fact]
    public void Escapes_are_undone_in_names_and_values()
    {
        var message = Events.Structured("""{"specversion":"1.0","\u0069d":"a\"\\\/\u00e9\ud83d\ude00","source":"\/s","type":"t","d\u0061ta":1}""");
        Assert.Equal("a\"\\/é😀", message.Id);
        Assert.Equal("1", Events.Data(message));
    }

    [Theory]
    [InlineData("{}", "specversion", "specversion is missing")]
    [InlineData("""{"specversion":"1.0","source":"/s","type":"t"}""", "id", "id is missing")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"t"}""", "source", "source is missing")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s"}""", "type", "type is missing")]
    [InlineData("""{"specversion":"1.0","id":null,"source":"/s","type":"t"}""", "id", "id is missing")]
    [InlineData("""{"specversion":null,"id":"1","source":"/s","type":"t"}""", "specversion", "specversion is missing")]
    [InlineData("""{"specversion":"0.3","id":"1","source":"/s","type":"t"}""", "specversion", "is \"0.3\"; allowed is \"1.0\"")]
    [InlineData("""{"specversion":1.0,"id":"1","source":"/s","type":"t"}""", "specversion", "allowed is \"1.0\"")]
    [InlineData("""{"specversion":"1.0","id":"","source":"/s","type":"t"}""", "id", "id is \"\"")]
    [InlineData("""{"specversion":"1.0","id":5,"source":"/s","type":"t"}""", "id", "id is \"5\"; allowed is text")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"","type":"t"}""", "source", "URI-reference")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"a b","type":"t"}""", "source", "URI-reference")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":""}""", "type", "type is \"\"")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":{}}""", "type", "type is a JSON object")]
    public void Required_attributes_are_required(string json, string attribute, string text) => AssertInvalid(json, attribute, text);

    [Theory]
    [InlineData("\"subject\":\"\"", "subject", "not empty")]
    [InlineData("\"time\":\"yesterday\"", "time", "RFC 3339")]
    [InlineData("\"time\":1517356800", "time", "allowed is text")]
    [InlineData("\"dataschema\":\"relative\"", "dataschema", "URI with a scheme")]
    [InlineData("\"datacontenttype\":\"json\"", "datacontenttype", "media type")]
    [InlineData("\"partitionkey\":\"\"", "partitionkey", "not empty")]
    [InlineData("\"partitionkey\":5", "partitionkey", "allowed is text")]
    [InlineData("\"my_ext\":\"x\"", "my_ext", "no attribute name")]
    [InlineData("\"myExt\":\"x\"", "myExt", "no attribute name")]
    [InlineData("\"myExt\":null", "myExt", "no attribute name")]
    [InlineData("\"\":\"x\"", "", "no attribute name")]
    [InlineData("\"my\\u000aext\":\"x\"", "my?ext", "no attribute name")]
    [InlineData("\"id\":\"2\"", "id", "there twice")]
    [InlineData("\"x\":1,\"x\":1", "x", "there twice")]
    [InlineData("\"specversion\":\"1.0\"", "specversion", "there twice")]
    [InlineData("\"data\":1,\"data\":1", "data", "there twice")]
    [InlineData("\"data\":1,\"data_base64\":\"\"", "data_base64", "beside data")]
    [InlineData("\"data_base64\":\"?\"", "data_base64", "no Base64")]
    [InlineData("\"data_base64\":\"YQ\"", "data_base64", "no Base64")]
    [InlineData("\"data_base64\":5", "data_base64", "a JSON number")]
    [InlineData("\"x\":1.5", "x", "whole number")]
    [InlineData("\"x\":1e3", "x", "whole number")]
    [InlineData("\"x\":2147483648", "x", "-2147483648 to 2147483647")]
    [InlineData("\"x\":-2147483649", "x", "-2147483648 to 2147483647")]
    [InlineData("\"x\":{}", "x", "a JSON object")]
    [InlineData("\"x\":[]", "x", "a JSON array")]
    [InlineData("\"x\":\"a\\u0000b\"", "x", "\"a?b\"")]
    [InlineData("\"x\":\"\\u007f\"", "x", "control characters")]
    [InlineData("\"x\":\"\\u0085\"", "x", "control characters")]
    [InlineData("\"x\":\"\\ufdd0\"", "x", "noncharacters")]
    [InlineData("\"x\":\"\\ud83f\\udfff\"", "x", "noncharacters")]
    [InlineData("\"x\":\"\\ud800\"", "x", "valid Unicode")]
    [InlineData("\"x\":\"\\udc00\\ud800\"", "x", "valid Unicode")]
    [InlineData("\"data\":{},\"datacontenttype\":\"text/plain\"", "data", "a JSON object while")]
    [InlineData("\"data\":\"x\",\"datacontenttype\":\"text/plain; charset=latin1\"", "data", "allowed for text is UTF-8")]
    [InlineData("\"data\":\"\\ud800\",\"datacontenttype\":\"text/plain\"", "data", "half a surrogate pair")]
    public void Rules_are_kept(string members, string attribute, string text) => AssertInvalid(Events.Json(members), attribute, text);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t"} {}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t",}""")]
    [InlineData("""{"specversion":"1.0",/* no */"id":"1","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"a":tru}}""")]
    public void What_is_no_JSON_object_is_malformed(string json)
    {
        var error = Events.StructuredError(json);
        Assert.Equal(EventError.Malformed, error.Code);
        Assert.Null(error.Attribute);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_malformed()
    {
        var body = Encoding.Latin1.GetBytes(Events.Json("\"data\":\"é\""));
        Assert.False(CloudEventHttp.TryReadStructured(body, out _, out var error));
        Assert.Contains("not UTF-8", error.Text);
    }

    [Fact]
    public void The_place_of_a_syntax_error_is_told() => Assert.Contains("line 2, byte 3", Events.StructuredError("{\n  x").Text);

    [Fact]
    public void Found_values_are_shortened_and_cleaned()
    {
        var error = Events.StructuredError(Events.Json($"\"x\":\"\\u001b[31m{new string('y', 5000)}\""));
        Assert.True(error.Text.Length < 200, error.Text);
        Assert.DoesNotContain('\u001b', error.Text);
        Assert.Contains("…", error.Text);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Data_may_be_64_levels_deep(int depth, bool fits)
    {
        var json = Events.Json($"\"data\":{new string('[', depth)}{new string(']', depth)}");
        Assert.Equal(fits, CloudEventHttp.TryReadStructured(Encoding.UTF8.GetBytes(json), out var message, out _));
        if (fits)
            Assert.Equal(Events.Data(message), Events.Data(Events.Structured(Events.Write(message))));
    }

    [Theory]
    [InlineData("\"n\":-5,\"b\":false,\"s\":\"5\",\"data\":{ \"a\": 1.0 }")]
    [InlineData("\"datacontenttype\":\"text/plain\",\"data\":\"a\\\"\\\\\\u0001\\u007f€\"")]
    [InlineData("\"data_base64\":\"AP8+\"")]
    public void What_was_read_is_written_the_same(string members) => Assert.Equal(Events.Json(members), Events.Write(Events.Structured(Events.Json(members))));

    [Theory]
    [InlineData("application/json", "{\"a\":1}", "\"data\":{\"a\":1}")]
    [InlineData("application/json", "{\"a\":1", "\"data_base64\":\"eyJhIjox\"")]
    [InlineData("application/json; charset=utf-16", "1", "\"data_base64\":\"MQ==\"")]
    [InlineData("text/plain", "abc", "\"data_base64\":\"YWJj\"")]
    public void Bytes_become_data_only_when_they_are_JSON(string contentType, string data, string expected)
    {
        var message = Message.CreateBytes("t", "/s", Encoding.UTF8.GetBytes(data), contentType, id: "1", time: TimeProvider.System);
        Assert.EndsWith($",{expected}}}", Events.Write(message));
        Assert.Equal(data, Events.Data(Events.Structured(Events.Write(message))));
    }

    [Fact]
    public void Long_data_is_written_in_blocks()
    {
        var data = Enumerable.Range(0, 10_001).Select(i => (byte)i).ToArray();
        var message = Message.CreateBytes("t", "/s", data, "image/png", id: "1");
        Assert.Equal(data, Events.Structured(Events.Write(message)).Data.ToArray());
    }

    private static void AssertInvalid(string json, string attribute, string text)
    {
        var error = Events.StructuredError(json);
        Assert.Equal(EventError.Invalid, error.Code);
        Assert.Equal(attribute, error.Attribute);
        Assert.Contains(text, error.Text);
    }
}
