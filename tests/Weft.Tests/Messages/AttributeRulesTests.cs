using System.Globalization;
using System.Text;
using Weft.Messages;

namespace Weft.Tests.Messages;

public sealed class AttributeRulesTests
{
    [Theory]
    [InlineData("1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.0000000Z")]
    [InlineData("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.5200000Z")]
    [InlineData("1985-04-12t23:20:50.123456789123z", "1985-04-12T23:20:50.1234567Z")]
    [InlineData("1990-12-31T23:59:60Z", "1991-01-01T00:00:00.0000000Z")]
    [InlineData("2024-02-29T00:00:00+23:59", "2024-02-28T00:01:00.0000000Z")]
    [InlineData("9999-12-31T23:59:59-00:00", "9999-12-31T23:59:59.0000000Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z")]
    public void Times_of_RFC_3339(string text, string utc)
    {
        Assert.True(Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var time));
        Assert.Equal(utc, time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void The_offset_is_kept()
    {
        Assert.True(Rfc3339.TryParse("1996-12-19T16:39:57-08:00"u8, out var time));
        Assert.Equal(TimeSpan.FromHours(-8), time.Offset);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2018-04-05")]
    [InlineData("2018-04-05T17:31:00")]
    [InlineData("2018-04-05 17:31:00Z")]
    [InlineData("2018-04-05T17:31Z")]
    [InlineData("2018-04-05T17:31:00.Z")]
    [InlineData("2018-04-05T17:31:00,5Z")]
    [InlineData("2018-04-05T24:00:00Z")]
    [InlineData("2018-04-05T17:60:00Z")]
    [InlineData("2018-04-05T17:31:61Z")]
    [InlineData("2018-13-05T17:31:00Z")]
    [InlineData("2018-02-29T17:31:00Z")]
    [InlineData("2018-04-00T17:31:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2018-04-05T17:31:00+0100")]
    [InlineData("2018-04-05T17:31:00+24:00")]
    [InlineData("2018-04-05T17:31:00+1:00")]
    [InlineData("2018-04-05T17:31:00ZZ")]
    [InlineData("2018-04-05T17:31:00.123456789")]
    [InlineData("+018-04-05T17:31:00Z")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:60Z")]
    public void What_is_no_time(string text) => Assert.False(Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("https://github.com/cloudevents", true, true)]
    [InlineData("mailto:cncf-wg-serverless@lists.cncf.io", true, true)]
    [InlineData("urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", true, true)]
    [InlineData("cloudevents/spec/pull/123", true, false)]
    [InlineData("/sensors/tn-1234567/alerts", true, false)]
    [InlineData("1-555-123-4567", true, false)]
    [InlineData("http://[::1]:80/a?b[#c", false, false)]
    [InlineData("http://[::1]:80/a?b#c", true, true)]
    [InlineData("//[::1]/a", true, false)]
    [InlineData("a[b]", false, false)]
    [InlineData("/a%2Fb", true, false)]
    [InlineData("/a%2", false, false)]
    [InlineData("/a%zz", false, false)]
    [InlineData("/a b", false, false)]
    [InlineData("/é", false, false)]
    [InlineData("/a\\b", false, false)]
    [InlineData("#a#b", false, false)]
    [InlineData("1a:b", false, false)]
    [InlineData(":b", false, false)]
    [InlineData("./1a:b", true, false)]
    [InlineData("", true, false)]
    public void URIs_of_RFC_3986(string text, bool isReference, bool isUri)
    {
        Assert.Equal(isReference, UriRules.IsReference(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(isUri, UriRules.IsUri(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData("text/plain", true)]
    [InlineData("application/vnd.a.b+json; charset=utf-8; v=\"a;b\"", true)]
    [InlineData("text/plain;", true)]
    [InlineData("text", false)]
    [InlineData("/plain", false)]
    [InlineData("text/", false)]
    [InlineData("text/a b", false)]
    [InlineData("text/plain; charset", false)]
    [InlineData("text/plain; =utf-8", false)]
    [InlineData("text/plain; a=\"b", false)]
    [InlineData("text/plain; a=é", false)]
    [InlineData("text/plain, text/html", false)]
    public void Media_types(string text, bool isValid) => Assert.Equal(isValid, MediaType.IsValid(Encoding.UTF8.GetBytes(text)));
}
