using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weft.Messages;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

public sealed class DeadlineHeadersTests
{
    [Theory]
    [InlineData("1H", 3_600_000)]
    [InlineData("2M", 120_000)]
    [InlineData("3S", 3_000)]
    [InlineData("250m", 250)]
    [InlineData("00000250m", 250)]
    [InlineData("1500u", 1.5)]
    [InlineData("100n", 0.0001)]
    [InlineData("1n", 0.0001)]
    [InlineData("0S", 0)]
    [InlineData("-5m", 0)]
    [InlineData("99999999H", 99999999 * 3_600_000.0)]
    public void Reads_a_timeout_of_grpc(string value, double milliseconds)
    {
        Assert.True(DeadlineHeaders.TryParse("grpc-timeout", value, out var left));
        Assert.Equal(milliseconds, left.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("5 m")]
    [InlineData("5ms")]
    [InlineData("5.5S")]
    [InlineData("+5m")]
    [InlineData("--5m")]
    [InlineData("123456789m")]
    [InlineData("5m,6m")]
    [InlineData("\u0665m")]
    public void Ignores_what_is_no_timeout_of_grpc(string value) => Assert.False(DeadlineHeaders.TryParse("grpc-timeout", value, out _));

    [Theory]
    [InlineData("250", 250)]
    [InlineData("0", 0)]
    [InlineData("-1", 0)]
    [InlineData("9999999999", 9_999_999_999)]
    public void Reads_milliseconds(string value, long milliseconds)
    {
        foreach (var name in new[] { "weft-timeout-ms", "x-envoy-expected-rq-timeout-ms", "connect-timeout-ms" })
        {
            Assert.True(DeadlineHeaders.TryParse(name, value, out var left));
            Assert.Equal(milliseconds, left.TotalMilliseconds);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(" 5")]
    [InlineData("5m")]
    [InlineData("1e3")]
    [InlineData("10000000000")]
    [InlineData("0x10")]
    [InlineData("infinity")]
    public void Ignores_what_are_no_milliseconds(string value) => Assert.False(DeadlineHeaders.TryParse("weft-timeout-ms", value, out _));

    [Fact]
    public void The_first_header_that_says_something_counts()
    {
        Assert.Equal(["grpc-timeout", "weft-timeout-ms", "x-envoy-expected-rq-timeout-ms", "connect-timeout-ms"], DeadlineHeaders.Names.ToArray());
        var headers = new Dictionary<string, string> { ["connect-timeout-ms"] = "4" };
        Assert.Equal(4, Read());
        headers["x-envoy-expected-rq-timeout-ms"] = "3";
        Assert.Equal(3, Read());
        headers["weft-timeout-ms"] = "2";
        Assert.Equal(2, Read());
        headers["grpc-timeout"] = "nonsense";
        Assert.Equal(2, Read());
        headers["grpc-timeout"] = "1m";
        Assert.Equal(1, Read());
        headers.Clear();
        Assert.False(DeadlineHeaders.TryRead(headers, static (h, name) => h.GetValueOrDefault(name), out _));

        double Read()
        {
            Assert.True(DeadlineHeaders.TryRead(headers, static (h, name) => h.GetValueOrDefault(name), out var left));
            return left.TotalMilliseconds;
        }
    }

    [Fact]
    public void What_is_written_is_read_and_never_more_than_there_is() => Gen.Long[-1000, TimeSpan.MaxValue.Ticks].Select(Gen.Int[0, 62], (ticks, shift) => ticks >> shift).Sample(ticks =>
    {
        var left = TimeSpan.FromTicks(ticks);
        Assert.True(DeadlineHeaders.TryParse("grpc-timeout", DeadlineHeaders.GrpcTimeout(left), out var grpc));
        Assert.True(DeadlineHeaders.TryParse("weft-timeout-ms", DeadlineHeaders.Milliseconds(left), out var weft));
        var there = left < TimeSpan.Zero ? TimeSpan.Zero : left;
        var written = there.TotalHours < 99_999_999 ? there : TimeSpan.FromHours(99_999_999);
        Assert.InRange(grpc, there <= TimeSpan.FromMicroseconds(1) ? TimeSpan.Zero : written * 0.99 - TimeSpan.FromMicroseconds(1), there);
        Assert.InRange(weft, TimeSpan.Zero, there);
        Assert.True(there - weft < TimeSpan.FromMilliseconds(1) || weft == TimeSpan.FromMilliseconds(9_999_999_999));
    });

    [Fact]
    public void Nothing_makes_it_fail_or_exceed() => Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789HMSmun- .,+eE"], 0, 14]).Sample(text =>
    {
        foreach (var name in DeadlineHeaders.Names)
            Assert.True(!DeadlineHeaders.TryParse(name, text, out var left) || left >= TimeSpan.Zero);
        MessageExpiry.TryParse(Encoding.UTF8.GetBytes(text), TimeProvider.System, out _);
    });

    [Fact]
    public void A_message_says_until_when_it_is_of_use()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        var text = MessageExpiry.Format(TimeSpan.FromSeconds(90.5), time);
        Assert.Equal("2026-05-01T12:01:30.500Z", text);
        var message = new MessageBuilder().Set("id", "1").Set("source", "/shop").Set("type", "t").Set(MessageExpiry.Attribute, text).BuildJson("{}"u8.ToArray());
        Assert.True(MessageExpiry.TryRead(message, time, out var left));
        Assert.Equal(90.5, left.TotalSeconds);
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(MessageExpiry.TryRead(message, time, out left));
        Assert.Equal(TimeSpan.Zero, left);

        Assert.True(MessageExpiry.TryParse("2026-05-01T15:30:00+02:00"u8, time, out left));
        Assert.Equal(30, left.TotalMinutes);
        Assert.False(MessageExpiry.TryParse("2026-05-01"u8, time, out _));
        Assert.False(MessageExpiry.TryRead(new MessageBuilder().Set("id", "1").Set("source", "/shop").Set("type", "t").BuildJson("{}"u8.ToArray()), time, out _));
        Assert.Equal("9999-12-31T23:59:59.999Z", MessageExpiry.Format(TimeSpan.MaxValue, time));
        Assert.Equal("2026-05-01T13:00:00.000Z", MessageExpiry.Format(TimeSpan.FromDays(-1), time));
    }
}
