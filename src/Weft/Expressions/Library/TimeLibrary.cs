using Weft.Expressions.Syntax;

namespace Weft.Expressions.Library;

/// <summary>
/// The points in time and durations of CEL's own definition, with the ids of cel-go: conversions, arithmetic, order and the parts of a date.
/// </summary>
/// <remarks>
/// Zones are names of the IANA database, for which the machine needs its data, or offsets; UTC is always there. Of offsets before about 1900,
/// which had seconds, whole minutes are known.
/// </remarks>
internal static class TimeLibrary
{
    private const int MaxText = 40;

    public static void Register(Registry registry) => Register(registry, TimeZones.System);

    public static void Register(Registry registry, TimeZones zones)
    {
        DeclareConversions(registry);
        DeclareArithmetic(registry);
        StandardLibrary.DeclareOrder(registry, "timestamp", CelType.Timestamp, CelType.Timestamp);
        StandardLibrary.DeclareOrder(registry, "duration", CelType.Duration, CelType.Duration);
        DeclareParts(registry, zones);
        DeclareLengths(registry);
    }

    private static void DeclareConversions(Registry registry)
    {
        CelType time = CelType.Timestamp, duration = CelType.Duration;
        registry.Global("timestamp", "timestamp_to_timestamp", [time], time, static (_, v) => v[0]);
        registry.Global("timestamp", "int64_to_timestamp", [CelType.Int], time, static (_, v) => TimeMath.Timestamp(v[0].AsInt, 0));
        registry.Global("timestamp", "string_to_timestamp", [CelType.String], time, static (_, v) => TimeParser.Timestamp(v[0].AsSpan));
        registry.Global("duration", "duration_to_duration", [duration], duration, static (_, v) => v[0]);
        registry.Global("duration", "int64_to_duration", [CelType.Int], duration, static (_, v) => TimeMath.Duration(v[0].AsInt));
        registry.Global("duration", "string_to_duration", [CelType.String], duration,
            static (frame, v) => frame.TryWalk(v[0].AsSpan.Length) ? TimeParser.Duration(v[0].AsSpan) : frame.Stopped());
        registry.Global("int", "timestamp_to_int64", [time], CelType.Int, static (_, v) => CelValue.Of(v[0].Seconds));
        registry.Global("int", "duration_to_int64", [duration], CelType.Int, static (_, v) => ToInt(v[0]));
        registry.Global("string", "timestamp_to_string", [time], CelType.String, static (frame, v) =>
        {
            var text = new TextBuilder(frame.Arena, MaxText);
            TimeText.AppendTimestamp(ref text, v[0]);
            return text.ToValue();
        });
        registry.Global("string", "duration_to_string", [duration], CelType.String, static (frame, v) =>
        {
            var text = new TextBuilder(frame.Arena, MaxText);
            TimeText.AppendDuration(ref text, v[0]);
            return text.ToValue();
        });
    }

    private static void DeclareArithmetic(Registry registry)
    {
        CelType time = CelType.Timestamp, duration = CelType.Duration;
        registry.Global(Operators.Add, "add_timestamp_duration", [time, duration], time, static (_, v) => TimeMath.Add(v[0], v[1]));
        registry.Global(Operators.Add, "add_duration_timestamp", [duration, time], time, static (_, v) => TimeMath.Add(v[1], v[0]));
        registry.Global(Operators.Add, "add_duration_duration", [duration, duration], duration, static (_, v) => TimeMath.AddDurations(v[0], v[1]));
        registry.Global(Operators.Subtract, "subtract_timestamp_timestamp", [time, time], duration, static (_, v) => TimeMath.Between(v[0], v[1]));
        registry.Global(Operators.Subtract, "subtract_timestamp_duration", [time, duration], time, static (_, v) => TimeMath.Subtract(v[0], v[1]));
        registry.Global(Operators.Subtract, "subtract_duration_duration", [duration, duration], duration,
            static (_, v) => TimeMath.SubtractDurations(v[0], v[1]));
    }

    /// <summary>Months and days of the month and of the year count from 0, as CEL has it; getDate counts from 1. Sunday is 0.</summary>
    private static void DeclareParts(Registry registry, TimeZones zones)
    {
        Part(registry, zones, "getFullYear", "year", static (time, _) => time.Date.Year);
        Part(registry, zones, "getMonth", "month", static (time, _) => time.Date.Month - 1);
        Part(registry, zones, "getDayOfYear", "day_of_year", static (time, _) => time.Date.DayOfYear);
        Part(registry, zones, "getDayOfMonth", "day_of_month", static (time, _) => time.Date.Day - 1);
        Part(registry, zones, "getDate", "day_of_month_1_based", static (time, _) => time.Date.Day);
        Part(registry, zones, "getDayOfWeek", "day_of_week", static (time, _) => time.DayOfWeek);
        Part(registry, zones, "getHours", "hours", static (time, _) => time.SecondOfDay / 3600);
        Part(registry, zones, "getMinutes", "minutes", static (time, _) => time.SecondOfDay / 60 % 60);
        Part(registry, zones, "getSeconds", "seconds", static (time, _) => time.SecondOfDay % 60, "_tz");
        Part(registry, zones, "getMilliseconds", "milliseconds", static (_, nanos) => nanos / 1_000_000);
    }

    private static void Part(Registry registry, TimeZones zones, string name, string id, Func<LocalTime, int, long> part, string withZone = "_with_tz")
    {
        registry.Member(name, $"timestamp_to_{id}", [CelType.Timestamp], CelType.Int,
            (_, v) => CelValue.Of(part(new LocalTime(v[0].Seconds), v[0].Nanos)));
        registry.Member(name, $"timestamp_to_{id}{withZone}", [CelType.Timestamp, CelType.String], CelType.Int,
            (frame, v) => !frame.TryStep() ? frame.Stopped()
                : zones.TryOffset(v[1].AsSpan, v[0], out var offset, out var error) ? CelValue.Of(part(new LocalTime(v[0].Seconds + offset), v[0].Nanos)) : error);
    }

    /// <summary>The whole of a duration in hours, minutes or seconds; of its milliseconds those beside the seconds, as the conformance suite has it.</summary>
    private static void DeclareLengths(Registry registry)
    {
        Length(registry, "getHours", "hours", static (seconds, _) => seconds / 3600);
        Length(registry, "getMinutes", "minutes", static (seconds, _) => seconds / 60);
        Length(registry, "getSeconds", "seconds", static (seconds, _) => seconds);
        Length(registry, "getMilliseconds", "milliseconds", static (_, nanos) => nanos / 1_000_000);
    }

    private static void Length(Registry registry, string name, string id, Func<long, int, long> length) =>
        registry.Member(name, $"duration_to_{id}", [CelType.Duration], CelType.Int, (_, v) => CelValue.Of(length(v[0].Seconds, v[0].Nanos)));

    private static CelValue ToInt(in CelValue duration)
    {
        var nanos = TimeMath.Nanos(duration);
        return nanos < long.MinValue || nanos > long.MaxValue ? CelValue.Of(CelError.Overflow) : CelValue.Of((long)nanos);
    }
}
