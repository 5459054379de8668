using System.Text;
using Weft.EventBus;
using Weft.Messages;

namespace Weft.Tests.EventBus;

public sealed class CausationTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private static readonly Message s_cause = new MessageBuilder().Set("id", "c").Set("source", "/t").Set("type", "x").Set("traceparent", $"00-{Trace}-00f067aa0ba902b7-01").Build();

    [Fact]
    public void What_is_published_names_its_cause_and_goes_on_with_its_trace()
    {
        var plain = Message.Create("y", "/t", new { total = 1.50m }, id: "p", subject: "s");
        var marked = Causation.Mark(plain, s_cause);
        Assert.Equal("c", Attribute(marked, "causationid"));
        var trace = Causation.TraceOf(marked)!.Value;
        Assert.Equal(Trace, trace.TraceId.ToHexString());
        Assert.NotEqual("00f067aa0ba902b7", trace.SpanId.ToHexString());
        Assert.EndsWith("-01", Attribute(marked, "traceparent"), StringComparison.Ordinal);
        Assert.Equal(plain.Data.ToArray(), marked.Data.ToArray());
        Assert.Equal(("p", "s", plain.Time), (marked.Id, marked.Subject, marked.Time));
    }

    [Fact]
    public void What_an_event_says_of_itself_stays()
    {
        var own = new MessageBuilder().Set("id", "p").Set("source", "/t").Set("type", "x").Set("causationid", "other").Set("traceparent", "00-11111111111111111111111111111111-2222222222222222-00").Build();
        Assert.Equal(own.Bytes.ToArray(), Causation.Mark(own, s_cause).Bytes.ToArray());
        Assert.Equal(own.Bytes.ToArray(), Causation.WithTrace(own, $"00-{Trace}-00f067aa0ba902b7-01").Bytes.ToArray());
    }

    [Fact]
    public void Replays_are_counted_and_an_event_that_has_no_room_stays_as_it_is()
    {
        var once = Causation.Replayed(s_cause);
        Assert.Equal(("1", "2"), (Attribute(once, "weftreplay"), Attribute(Causation.Replayed(once), "weftreplay")));
        Assert.Equal("c", once.Id);

        var builder = new MessageBuilder().Set("id", "f").Set("source", "/t").Set("type", "x");
        for (int i = 0; i < MessageBuilder.MaxExtensions; i++)
            builder.Set($"e{i}", i);
        var full = builder.Build();
        Assert.Equal(full.Bytes.ToArray(), Causation.Replayed(full).Bytes.ToArray());
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("timeout", "timeout")]
    [InlineData("order 17 not found", "order # not found")]
    [InlineData("order ord-7f_1 of 2026-05-01T10:00:00.5Z", "order # of #")]
    [InlineData("{\"traceId\":\"00-4bf92f35-01\",\"took\":1.5}", "{\"traceId\":\"#\",\"took\":#}")]
    [InlineData("line one\nline two", "line one line two")]
    [InlineData("for 1,000.50 EUR, 3 times.", "for # EUR, # times.")]
    public void A_cause_is_the_detail_without_ids_and_numbers(string? detail, string expected) => Assert.Equal(expected, CauseText.Of(detail));

    [Fact]
    public void A_cause_is_short()
    {
        Assert.Equal(200, CauseText.Of(new string('x', 5000)).Length);
        Assert.Equal(200, CauseText.Of(string.Concat(Enumerable.Repeat("word ", 1000))).Length);
    }

    private static string Attribute(Message message, string name)
    {
        Assert.True(message.TryGet(Encoding.UTF8.GetBytes(name), out var value));
        return Encoding.UTF8.GetString(value);
    }
}
