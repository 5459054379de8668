using System.Globalization;
using System.Text;
using CsCheck;
using Weft.Expressions;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Library;

public sealed class TimeLibraryTests
{
    private const string OutOfRange = "out of range", NoTimestamp = "no timestamp", NoDuration = "no duration";

    private static readonly Gen<CelValue> s_timestamps =
        Gen.Select(Gen.Long[TimeMath.MinSeconds, TimeMath.MaxSeconds], Gen.Int[0, 999_999_999], (seconds, nanos) => CelValue.Timestamp(seconds, nanos));

    private static readonly Gen<CelValue> s_durations = Gen.Long[long.MinValue, long.MaxValue].Select(TimeMath.Duration);

    [Theory]
    [InlineData("2009-02-13T23:31:30Z", "2009-02-13T23:31:30Z")]
    [InlineData("2009-02-13T23:31:30.5Z", "2009-02-13T23:31:30.5Z")]
    [InlineData("2009-02-13T23:31:30.120000000Z", "2009-02-13T23:31:30.12Z")]
    [InlineData("2009-02-13T23:31:30.123456789Z", "2009-02-13T23:31:30.123456789Z")]
    [InlineData("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z")]
    [InlineData("2009-02-13T23:31:30+01:30", "2009-02-13T22:01:30Z")]
    [InlineData("2009-02-13T23:31:30-01:30", "2009-02-14T01:01:30Z")]
    [InlineData("2009-02-13T23:31:30-00:00", "2009-02-13T23:31:30Z")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z")]
    [InlineData("0001-01-01T00:00:00+00:01", OutOfRange)]
    [InlineData("9999-12-31T23:59:59-00:01", OutOfRange)]
    [InlineData("2023-02-29T00:00:00Z", NoTimestamp)]
    [InlineData("0000-01-01T00:00:00Z", NoTimestamp)]
    [InlineData("10000-01-01T00:00:00Z", NoTimestamp)]
    [InlineData("2009-13-13T23:31:30Z", NoTimestamp)]
    [InlineData("2009-00-13T23:31:30Z", NoTimestamp)]
    [InlineData("2009-02-00T23:31:30Z", NoTimestamp)]
    [InlineData("2009-02-13T24:00:00Z", NoTimestamp)]
    [InlineData("2009-02-13T23:60:00Z", NoTimestamp)]
    [InlineData("2016-12-31T23:59:60Z", NoTimestamp)]
    [InlineData("2009-02-13t23:31:30Z", NoTimestamp)]
    [InlineData("2009-02-13T23:31:30z", NoTimestamp)]
    [InlineData("2009-02-13 23:31:30Z", NoTimestamp)]
    [InlineData("2009-02-13T23:31:30", NoTimestamp)]
    [InlineData("2009-02-13T23:31:30.Z", NoTimestamp)]
    [InlineData("2009-02-13T23:31:30.1234567890Z", NoTimestamp)]
    [InlineData("2009-02-13T23:31:30+24:00", NoTimestamp)]
    [InlineData("2009-02-13T23:31:3001:00", NoTimestamp)]
    [InlineData("2009-02-13T23:31:30+0100", NoTimestamp)]
    [InlineData("2009-02-13T23:31:30Z ", NoTimestamp)]
    [InlineData("+009-02-13T23:31:30Z", NoTimestamp)]
    [InlineData("2009-02-13", NoTimestamp)]
    [InlineData("", NoTimestamp)]
    public void Timestamp(string text, string expected) => Shows(expected, $"string(timestamp('{text}'))");

    [Theory]
    [InlineData("1h1.5m2s3ms4us5ns", "3692.003004005s")]
    [InlineData("0", "0s")]
    [InlineData("-0", "0s")]
    [InlineData("0s", "0s")]
    [InlineData("3.5s", "3.5s")]
    [InlineData("-1.5h", "-5400s")]
    [InlineData("+5s", "5s")]
    [InlineData(".5s", "0.5s")]
    [InlineData("5.s", "5s")]
    [InlineData("-20ms", "-0.02s")]
    [InlineData("1µs1μs1us", "0.000003s")]
    [InlineData("1.9ns", "0.000000001s")]
    [InlineData("1s1s", "2s")]
    [InlineData("0.100000000000000000000000001h", "360s")]
    [InlineData("9223372036854775807ns", "9223372036.854775807s")]
    [InlineData("-9223372036854775808ns", "-9223372036.854775808s")]
    [InlineData("9223372036854775808ns", OutOfRange)]
    [InlineData("-9223372036854775809ns", OutOfRange)]
    [InlineData("2562048h", OutOfRange)]
    [InlineData("99999999999999999999999999999h", OutOfRange)]
    [InlineData("", NoDuration)]
    [InlineData("-", NoDuration)]
    [InlineData("1", NoDuration)]
    [InlineData("s", NoDuration)]
    [InlineData(".s", NoDuration)]
    [InlineData("1d", NoDuration)]
    [InlineData("1S", NoDuration)]
    [InlineData("1 s", NoDuration)]
    [InlineData("1s ", NoDuration)]
    [InlineData("--1s", NoDuration)]
    [InlineData("1s-1s", NoDuration)]
    [InlineData("1.2.3s", NoDuration)]
    [InlineData("1e3s", NoDuration)]
    public void Duration(string text, string expected) => Shows(expected, $"string(duration('{text}'))");

    [Theory]
    [InlineData("string(timestamp(1234567890))", "2009-02-13T23:31:30Z")]
    [InlineData("string(timestamp(-62135596800))", "0001-01-01T00:00:00Z")]
    [InlineData("string(timestamp(253402300799))", "9999-12-31T23:59:59Z")]
    [InlineData("string(timestamp(-62135596801))", OutOfRange)]
    [InlineData("string(timestamp(253402300800))", OutOfRange)]
    [InlineData("string(timestamp(9223372036854775807))", OutOfRange)]
    [InlineData("string(timestamp(-9223372036854775808))", OutOfRange)]
    [InlineData("string(int(timestamp('1969-12-31T23:59:59.5Z')))", "-1")]
    [InlineData("string(int(duration('1.5s')))", "1500000000")]
    [InlineData("string(duration(1500000000))", "1.5s")]
    [InlineData("string(duration(-1))", "-0.000000001s")]
    [InlineData("string(timestamp(timestamp(7)) == timestamp(7) && duration(duration('7s')) == duration('7s'))", "true")]
    [InlineData("string(type(timestamp(0)) == google.protobuf.Timestamp && type(duration('0s')) == google.protobuf.Duration)", "true")]
    // Arithmetic and order.
    [InlineData("string(timestamp('2024-02-28T23:59:59.75Z') + duration('0.5s'))", "2024-02-29T00:00:00.25Z")]
    [InlineData("string(duration('-0.5s') + timestamp('1970-01-01T00:00:00.25Z'))", "1969-12-31T23:59:59.75Z")]
    [InlineData("string(timestamp('1970-01-01T00:00:00Z') - duration('1ns'))", "1969-12-31T23:59:59.999999999Z")]
    [InlineData("string(timestamp('1970-01-01T00:00:00.25Z') - timestamp('1970-01-01T00:00:01.75Z'))", "-1.5s")]
    [InlineData("string(duration('1.75s') + duration('1.5s'))", "3.25s")]
    [InlineData("string(duration('1s') - duration('1.5s'))", "-0.5s")]
    [InlineData("string(duration('2000000h') + duration('2000000h'))", OutOfRange)]
    [InlineData("string(timestamp('2300-01-01T00:00:00Z') - timestamp('1970-01-01T00:00:00Z'))", OutOfRange)]
    [InlineData("string(timestamp('9999-12-31T23:59:59.999999999Z') + duration('1ns'))", OutOfRange)]
    [InlineData("string(timestamp('0001-01-01T00:00:00Z') - duration('1ns'))", OutOfRange)]
    [InlineData("string(timestamp('2024-01-01T00:00:00.1Z') < timestamp('2024-01-01T00:00:00.2Z'))", "true")]
    [InlineData("string(duration('-1.1s') > duration('-1.2s') && duration('1s') >= duration('1000ms') && duration('1s') <= duration('1s'))", "true")]
    [InlineData("string([timestamp(2), timestamp(1)].sort() == [timestamp(1), timestamp(2)])", "true")]
    public void Conversion_and_arithmetic(string expression, string expected) => Shows(expected, expression);

    [Theory]
    [InlineData("getFullYear()", 2009)]
    [InlineData("getMonth()", 1)]
    [InlineData("getDate()", 13)]
    [InlineData("getDayOfMonth()", 12)]
    [InlineData("getDayOfYear()", 43)]
    [InlineData("getDayOfWeek()", 5)]
    [InlineData("getHours()", 23)]
    [InlineData("getMinutes()", 31)]
    [InlineData("getSeconds()", 30)]
    [InlineData("getMilliseconds()", 123)]
    [InlineData("getDate('+00:29')", 14)]
    [InlineData("getDate('00:28')", 13)]
    [InlineData("getHours('-23:59')", 23)]
    [InlineData("getMinutes('-23:59')", 32)]
    [InlineData("getDate('-23:59')", 12)]
    [InlineData("getHours('UTC')", 23)]
    [InlineData("getHours('Europe/Berlin')", 0)]
    [InlineData("getMinutes('Asia/Kathmandu')", 16)]
    [InlineData("getDayOfWeek('Australia/Sydney')", 6)]
    [InlineData("getSeconds('America/New_York')", 30)]
    [InlineData("getMilliseconds('America/New_York')", 123)]
    public void Part(string part, long expected) =>
        Assert.Equal(expected, Evaluate($"timestamp('2009-02-13T23:31:30.123456789Z').{part}").ToObject());

    [Theory]
    [InlineData("timestamp('2024-07-01T12:00:00Z').getHours('Europe/Berlin')", 14)]
    [InlineData("timestamp('2024-01-01T12:00:00Z').getHours('Europe/Berlin')", 13)]
    [InlineData("timestamp('1969-12-31T23:59:59Z').getSeconds()", 59)]
    [InlineData("timestamp('1969-12-31T23:59:59Z').getDayOfWeek()", 3)]
    [InlineData("timestamp('0001-01-01T00:00:00Z').getFullYear('-08:00')", 0)]
    [InlineData("timestamp('0001-01-01T00:00:00Z').getDate('-08:00')", 31)]
    [InlineData("timestamp('0001-01-01T00:00:00Z').getDayOfYear('-08:00')", 365)]
    [InlineData("timestamp('9999-12-31T23:59:59Z').getFullYear('+08:00')", 10000)]
    [InlineData("timestamp('9999-12-31T23:59:59Z').getDayOfYear('+08:00')", 0)]
    [InlineData("timestamp('2024-12-31T00:00:00Z').getDayOfYear()", 365)]
    [InlineData("duration('3730s').getHours()", 1)]
    [InlineData("duration('3730s').getMinutes()", 62)]
    [InlineData("duration('-3730.5s').getSeconds()", -3730)]
    [InlineData("duration('123.321456789s').getMilliseconds()", 321)]
    [InlineData("duration('-1.25s').getMilliseconds()", -250)]
    public void Edge(string expression, long expected) => Assert.Equal(expected, Evaluate(expression).ToObject());

    [Theory]
    [InlineData("Europe/Nowhere")]
    [InlineData("europe/berlin")]
    [InlineData("")]
    [InlineData("+2:00")]
    [InlineData("+24:00")]
    [InlineData("+02:60")]
    [InlineData("/etc/passwd")]
    [InlineData("../zoneinfo/UTC")]
    [InlineData("Europe/Berlin\0")]
    public void Unknown_zones(string zone)
    {
        // Found once in its right form, another form must not be found either.
        Evaluate("timestamp(0).getHours('Europe/Berlin')");
        var value = new LibraryRun(TimeLibrary.Register).Call("getHours", CelValue.Timestamp(0, 0), CelValue.Of(zone));
        Assert.Equal(CelErrorKind.Argument, value.Error?.Kind);
        Assert.Contains("There is no such time zone", value.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_data_of_zones_the_error_says_what_to_install_and_offsets_work()
    {
        var zones = new TimeZones(static _ => null);
        var run = new LibraryRun(registry => TimeLibrary.Register(registry, zones));
        var value = run.Call("getHours", CelValue.Timestamp(0, 0), CelValue.Of("Europe/Berlin"));
        Assert.Contains("install the package tzdata", value.Error!.Message, StringComparison.Ordinal);
        run.Gives(CelValue.Of(2L), "getHours", CelValue.Timestamp(0, 0), CelValue.Of("+02:00"));
        run.Gives(CelValue.Of(0L), "getHours", CelValue.Timestamp(0, 0), CelValue.Of("UTC"));
    }

    [Fact]
    public void A_zone_is_looked_up_once()
    {
        var asked = 0;
        var zones = new TimeZones(name =>
        {
            asked++;
            return TimeZoneInfo.CreateCustomTimeZone(name, TimeSpan.FromHours(3), name, name);
        });
        var run = new LibraryRun(registry => TimeLibrary.Register(registry, zones));
        for (var i = 0; i < 3; i++)
            run.Gives(CelValue.Of(3L), "getHours", CelValue.Timestamp(0, 0), CelValue.Of("Test/Zone"));
        Assert.Equal(1, asked);
    }

    [Fact]
    public void Timestamps_come_back_from_their_text() => s_timestamps.Sample(timestamp =>
    {
        var text = Text(timestamp);
        var back = TimeParser.Timestamp(Encoding.UTF8.GetBytes(text));
        return back.Kind == CelKind.Timestamp && back.Seconds == timestamp.Seconds && back.Nanos == timestamp.Nanos
            && DateTimeOffset.Parse(text[..19] + "Z", CultureInfo.InvariantCulture).ToUnixTimeSeconds() == timestamp.Seconds;
    });

    [Fact]
    public void Durations_come_back_from_their_text() => s_durations.Sample(duration =>
    {
        var back = TimeParser.Duration(Encoding.UTF8.GetBytes(Text(duration)));
        return back.Kind == CelKind.Duration && back.Seconds == duration.Seconds && back.Nanos == duration.Nanos;
    });

    [Fact]
    public void Adding_and_subtracting_undo_each_other() => Gen.Select(s_timestamps, s_durations).Sample((timestamp, duration) =>
    {
        var sum = TimeMath.Add(timestamp, duration);
        if (sum.IsError)
            return timestamp.Seconds + duration.Seconds is <= TimeMath.MinSeconds or >= TimeMath.MaxSeconds;
        var back = TimeMath.Subtract(sum, duration);
        var between = TimeMath.Between(sum, timestamp);
        return back.Seconds == timestamp.Seconds && back.Nanos == timestamp.Nanos
            && between.Seconds == duration.Seconds && between.Nanos == duration.Nanos;
    });

    [Fact]
    public void Dates_are_those_of_the_calendar() => s_timestamps.Sample(timestamp =>
    {
        var expected = DateTime.UnixEpoch.AddTicks(timestamp.Seconds * TimeSpan.TicksPerSecond);
        var actual = new LocalTime(timestamp.Seconds);
        return actual.Date == (expected.Year, expected.Month, expected.Day, expected.DayOfYear - 1)
            && actual.DayOfWeek == (long)expected.DayOfWeek && actual.SecondOfDay == (long)expected.TimeOfDay.TotalSeconds;
    });

    [Fact]
    public void Nothing_is_allocated()
    {
        CelValue time = CelValue.Timestamp(1234567890, 5), duration = CelValue.Duration(3, 5);
        (string Name, CelValue[] Arguments)[] all =
        [
            ("timestamp", [CelValue.Of("2009-02-13T23:31:30.5+01:00")]), ("duration", [CelValue.Of("1h1.5m2s")]),
            ("string", [time]), ("string", [duration]), ("int", [time]), ("_+_", [time, duration]), ("_-_", [time, time]), ("_<_", [time, time]),
            ("getHours", [time, CelValue.Of("Europe/Berlin")]), ("getDayOfYear", [time]), ("getFullYear", [time, CelValue.Of("-08:00")]),
            ("timestamp", [CelValue.Of("tomorrow")]), ("getHours", [time, CelValue.Of("-99:00")]),
        ];
        foreach (var (name, arguments) in all)
            LibraryAllocation.IsNone(TimeLibrary.Register, name, arguments);
    }

    private static string Text(CelValue value) =>
        Encoding.UTF8.GetString(new LibraryRun(TimeLibrary.Register).Call("string", value).AsSpan);

    private static void Shows(string expected, string expression)
    {
        var value = Evaluate(expression);
        if (value.IsError)
            Assert.Contains(expected, value.Error!.Message, StringComparison.Ordinal);
        else
            Assert.Equal(expected, value.ToObject());
    }

    private static CelValue Evaluate(string expression) => CelEnvironment.Default.Compile(expression).Evaluate();
}
