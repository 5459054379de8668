using System.Text;
using CsCheck;
using Weft.Http1;

namespace Weft.Tests.Http1;

public sealed class Http1HeadTests
{
    private const string Usual = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 17\r\nConnection: keep-alive\r\nETag:  \"1\" \t\r\n\r\n";

    [Fact]
    public void A_head_reads_the_same_however_it_comes()
    {
        var bytes = Encoding.Latin1.GetBytes(Usual + "body");
        for (var step = 1; step <= bytes.Length; step++)
        {
            var head = new Http1Head();
            var size = 0;
            for (var have = 0; size == 0; have = Math.Min(have + step, bytes.Length))
                size = head.Read(bytes.AsSpan(0, have));
            Assert.Equal(Usual.Length, size);
            Assert.Equal((200, 4, 17L, false, true, false), (head.Status, head.Count, head.Length, head.IsChunked, head.KeepsOpen, head.Nominates));
            Assert.True(head.TryFind(bytes, "etag"u8, out var tag));
            Assert.Equal("\"1\""u8, tag);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", false, false)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: Keep-Alive, X-A\r\n\r\n", true, true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: x-a\r\nConnection: CLOSE\r\n\r\n", false, true)]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", false, false)]
    [InlineData("HTTP/1.7 200 OK\r\n\r\n", true, false)]
    public void Whether_the_connection_stays(string text, bool stays, bool nominates)
    {
        var head = new Http1Head();
        Assert.Equal(text.Length, head.Read(Encoding.Latin1.GetBytes(text)));
        Assert.Equal((stays, nominates), (head.KeepsOpen, head.Nominates));
    }

    [Fact]
    public void A_head_that_is_changed_anywhere_is_read_or_refused_and_nothing_else() =>
        Gen.Select(Gen.Int[0, Usual.Length - 1], Gen.Byte, Gen.Int[0, 2]).Sample((at, value, kind) =>
        {
            var bytes = Encoding.Latin1.GetBytes(Usual).ToList();
            if (kind == 0)
                bytes[at] = value;
            else if (kind == 1)
                bytes.Insert(at, value);
            else
                bytes.RemoveAt(at);
            var head = new Http1Head();
            try
            {
                var size = head.Read(bytes.ToArray());
                Assert.InRange(size, 0, bytes.Count);
                for (var i = 0; i < head.Count; i++)
                    Assert.InRange(head[i].Value + head[i].ValueLength, 0, bytes.Count);
            }
            catch (HttpIOException e)
            {
                Assert.Equal(HttpRequestError.InvalidResponse, e.HttpRequestError);
            }
        }, iter: 20_000);

    [Theory]
    [InlineData("/a?b=%20", true)]
    [InlineData("/a b", false)]
    [InlineData("/a\r\nX: 1", false)]
    [InlineData("/\u010d\u010a", false)]
    [InlineData("", false)]
    public void Targets(string target, bool fits) => Assert.Equal(fits, Http1Syntax.IsTarget(target));

    [Fact]
    public void Characters_beyond_Latin_1_never_become_the_end_of_a_line()
    {
        var output = new Http1Output(null!);
        Assert.True(Http1Syntax.IsValue(output.Add("a\u010ab\u0d0d")));
        Assert.True(Http1Syntax.IsValue(Encoding.Latin1.GetBytes("tab\t \xe4\xff")));
        foreach (var control in "\0\r\n\u001f\u007f")
            Assert.False(Http1Syntax.IsValue([(byte)control]));
    }
}
