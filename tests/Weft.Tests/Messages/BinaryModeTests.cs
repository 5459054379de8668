using Weft.Messages;

namespace Weft.Tests.Messages;

/// <summary>HTTP protocol binding 1.0.2, sections 3 and 3.1.</summary>
public sealed class BinaryModeTests
{
    private static readonly (string, string)[] s_required = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t")];

    [Fact]
    public void Headers_become_attributes_and_the_body_is_the_data()
    {
        var message = Events.Binary(
            new HeaderList(
                ("Host", "x"), ("CE-SpecVersion", "1.0"), ("ce-Type", "com.example.someevent"), ("ce-time", "2018-04-05T03:56:24Z"), ("ce-id", "1234-1234-1234"),
                ("ce-source", "/mycontext/subcontext"), ("Content-Type", "application/json; charset=utf-8"), ("ce-comexampleothervalue", "5"), ("cement", "x")),
            "{ }"u8);
        Assert.Equal(
            [
                "id=1234-1234-1234:String", "source=/mycontext/subcontext:String", "type=com.example.someevent:String", "time=2018-04-05T03:56:24Z:String",
                "datacontenttype=application/json; charset=utf-8:String", "comexampleothervalue=5:String",
            ],
            Events.Attributes(message));
        Assert.Equal("{ }", Events.Data(message));
        Assert.True(message.IsJsonData);
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("APPLICATION/LD+JSON ; Charset=\"UTF-8\"", true)]
    [InlineData("application/json; charset=utf-16", false)]
    [InlineData("application/jsonp", false)]
    [InlineData("application/json-seq", false)]
    public void The_content_type_tells_JSON(string contentType, bool isJson)
    {
        var message = Events.Binary(new HeaderList([.. s_required, ("Content-Type", contentType)]), "1"u8);
        Assert.Equal(isJson, message.IsJsonData);
        Assert.Equal(contentType, message.DataContentType);
    }

    [Fact]
    public void Without_a_content_type_the_data_is_bytes()
    {
        var message = Events.Binary(new HeaderList(s_required), "{}"u8);
        Assert.False(message.IsJsonData);
        Assert.Null(message.DataContentType);
        Assert.Null(Events.WriteHeaders(message).ContentType);
    }

    [Fact]
    public void An_empty_body_is_no_data() => Assert.False(Events.Binary(new HeaderList(s_required)).HasData);

    [Theory]
    [InlineData("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀")]
    [InlineData("euro%e2%82%ac", "euro€")]
    [InlineData("%41%62", "Ab")]
    [InlineData("100%25", "100%")]
    [InlineData("%2541", "%41")]
    [InlineData("\"quoted text\"", "quoted text")]
    [InlineData("\"a \\\"b\\\" \\\\ %25\"", "a \"b\" \\ %")]
    [InlineData("a\"b c\"d", "ab cd")]
    [InlineData("back\\slash", "back\\slash")]
    [InlineData("  padded\t", "padded")]
    [InlineData("%20kept%20", " kept ")]
    [InlineData("plain é 😀", "plain é 😀")]
    [InlineData("", "")]
    public void Header_values_are_decoded_once(string header, string expected) =>
        Assert.Equal(expected, Events.Get(Events.Binary(new HeaderList([.. s_required, ("ce-x", header)])), "x"));

    [Theory]
    [InlineData("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80")]
    [InlineData("100%", "100%25")]
    [InlineData("%41", "%2541")]
    [InlineData("say \"hi\"", "say%20%22hi%22")]
    [InlineData("!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~")]
    [InlineData("\u00a0", "%C2%A0")]
    public void Header_values_are_encoded(string value, string expected)
    {
        var message = new MessageBuilder().Set("id", value).Set("source", "/s").Set("type", "t").Set("x", value).Build();
        var headers = Events.WriteHeaders(message);
        Assert.Equal(expected, headers["ce-id"]);
        Assert.Equal(expected, headers["ce-x"]);
        Assert.Equal(Events.Attributes(message), Events.Attributes(Events.Binary(headers)));
    }

    [Theory]
    [InlineData("%", "percent sign")]
    [InlineData("%4", "percent sign")]
    [InlineData("%zz", "percent sign")]
    [InlineData("% 1", "percent sign")]
    [InlineData("100%", "percent sign")]
    [InlineData("%C0%A0", "valid Unicode")]
    [InlineData("%ED%A0%80", "valid Unicode")]
    [InlineData("%E2%82", "valid Unicode")]
    [InlineData("%0A", "control characters")]
    [InlineData("%C2%85", "control characters")]
    [InlineData("\"open", "quotes that are closed")]
    [InlineData("\"open\\", "quotes that are closed")]
    public void Broken_header_values_are_refused(string header, string text)
    {
        var error = Events.BinaryError([.. s_required, ("ce-x", header)]);
        Assert.Equal("x", error.Attribute);
        Assert.Contains(text, error.Text);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Assert.Contains("valid Unicode", Events.BinaryError([.. s_required, ("ce-x", "\ud800")]).Text);

    [Theory]
    [InlineData("ce-specversion", null, "specversion", "missing")]
    [InlineData("ce-specversion", "0.3", "specversion", "\"0.3\"")]
    [InlineData("ce-id", null, "id", "missing")]
    [InlineData("ce-id", "", "id", "not empty")]
    [InlineData("ce-source", null, "source", "missing")]
    [InlineData("ce-source", "/a%20b", "source", "URI-reference")]
    [InlineData("ce-type", null, "type", "missing")]
    public void Required_attributes_are_required(string header, string? value, string attribute, string text)
    {
        var headers = s_required.Where(h => h.Item1 != header);
        var error = Events.BinaryError(value is null ? [.. headers] : [.. headers, (header, value)]);
        Assert.Equal(attribute, error.Attribute);
        Assert.Contains(text, error.Text);
    }

    [Theory]
    [InlineData("ce-id", "2", "id", "twice")]
    [InlineData("ce-specversion", "1.0", "specversion", "twice")]
    [InlineData("ce-my-ext", "x", "my-ext", "no attribute name")]
    [InlineData("ce-data", "x", "data", "no attribute name")]
    [InlineData("ce-", "x", "", "no attribute name")]
    [InlineData("ce-é", "x", "?", "no attribute name")]
    [InlineData("ce-datacontenttype", "text/plain", "datacontenttype", "Content-Type")]
    [InlineData("Content-Type", "nonsense", "datacontenttype", "media type")]
    [InlineData("ce-time", "2018", "time", "RFC 3339")]
    public void Rules_are_kept(string header, string value, string attribute, string text)
    {
        var error = Events.BinaryError([.. s_required, (header, value)]);
        Assert.Equal(EventError.Invalid, error.Code);
        Assert.Equal(attribute, error.Attribute);
        Assert.Contains(text, error.Text);
    }

    [Fact]
    public void Names_longer_than_64_are_refused()
    {
        Assert.Equal("x", Events.Get(Events.Binary(new HeaderList([.. s_required, ("ce-" + new string('n', 64), "x")])), new string('n', 64)));
        Assert.Contains("no attribute name", Events.BinaryError([.. s_required, ("ce-" + new string('n', 500), "x")]).Text);
    }

    [Fact]
    public void Long_values_fit()
    {
        var value = string.Concat(Enumerable.Repeat("€ \"", 5000));
        var message = new MessageBuilder().Set("id", "1").Set("source", "/s").Set("type", "t").Set("x", value).Build();
        Assert.Equal(value, Events.Get(Events.Binary(Events.WriteHeaders(message)), "x"));
        Assert.Equal(new string('q', 5000), Events.Get(Events.Binary(new HeaderList([.. s_required, ("ce-x", $"\"{new string('q', 5000)}\"")])), "x"));
    }

    [Fact]
    public void JSON_without_a_content_type_gets_one_in_binary_mode()
    {
        var headers = Events.WriteHeaders(Events.Structured(Events.Json("\"data\":\"I'm just a string\"")));
        Assert.Equal("application/json", headers.ContentType);
        Assert.Equal("1.0", headers["ce-specversion"]);
    }

    [Theory]
    [InlineData("application/cloudevents+json", false, EventMode.Structured)]
    [InlineData("Application/CloudEvents+JSON; Charset=UTF-8", true, EventMode.Structured)]
    [InlineData("application/cloudevents+json;charset=\"utf-8\"", false, EventMode.Structured)]
    [InlineData("application/cloudevents-batch+json", false, EventMode.Batch)]
    [InlineData("application/json", true, EventMode.Binary)]
    [InlineData("application/json", false, EventMode.None)]
    [InlineData("", true, EventMode.Binary)]
    [InlineData("", false, EventMode.None)]
    [InlineData("application/cloudeventsx", true, EventMode.Binary)]
    public void The_mode_is_told(string contentType, bool hasSpecVersion, EventMode expected)
    {
        Assert.True(CloudEventHttp.TryGetMode(contentType, hasSpecVersion, out var mode, out _));
        Assert.Equal(expected, mode);
    }

    [Theory]
    [InlineData("application/cloudevents")]
    [InlineData("application/cloudevents+avro")]
    [InlineData("application/cloudevents-batch")]
    [InlineData("application/cloudevents+json; charset=iso-8859-1")]
    [InlineData("application/cloudevents-batch+json; a=b; charset=utf-16")]
    public void Other_event_formats_are_unsupported(string contentType)
    {
        Assert.False(CloudEventHttp.TryGetMode(contentType, true, out _, out var error));
        Assert.Equal(EventError.Unsupported, error.Code);
        Assert.Contains(contentType[..23], error.Text);
    }

    [Fact]
    public void A_content_type_that_is_too_long_for_ours_is_passed_over()
    {
        Assert.True(CloudEventHttp.TryGetMode("application/cloudevents+json" + new string(' ', 5000), true, out var mode, out _));
        Assert.Equal(EventMode.Binary, mode);
    }
}
