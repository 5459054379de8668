using Weft.Expressions;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Tests.Expressions.Suite;

/// <summary>The functions of times as types only, for tests of the checker.</summary>
internal static class TimeDeclarations
{
    public static void Register(Registry registry)
    {
        CelType time = CelType.Timestamp, span = CelType.Duration, text = CelType.String, whole = CelType.Int;
        StandardLibrary.DeclareOrder(registry, "timestamp", time, time);
        StandardLibrary.DeclareOrder(registry, "duration", span, span);
        registry.Global(Operators.Add, "add_duration_duration", [span, span], span, null);
        registry.Global(Operators.Add, "add_duration_timestamp", [span, time], time, null);
        registry.Global(Operators.Add, "add_timestamp_duration", [time, span], time, null);
        registry.Global(Operators.Subtract, "subtract_duration_duration", [span, span], span, null);
        registry.Global(Operators.Subtract, "subtract_timestamp_duration", [time, span], time, null);
        registry.Global(Operators.Subtract, "subtract_timestamp_timestamp", [time, time], span, null);
        registry.Global("timestamp", "int64_to_timestamp", [whole], time, null);
        registry.Global("timestamp", "string_to_timestamp", [text], time, null);
        registry.Global("timestamp", "timestamp_to_timestamp", [time], time, null);
        registry.Global("duration", "string_to_duration", [text], span, null);
        registry.Global("duration", "duration_to_duration", [span], span, null);
        registry.Global("duration", "int64_to_duration", [whole], span, null);
        registry.Global("int", "timestamp_to_int64", [time], whole, null);
        registry.Global("int", "duration_to_int64", [span], whole, null);
        registry.Global("string", "timestamp_to_string", [time], text, null);
        registry.Global("string", "duration_to_string", [span], text, null);
        registry.Member("matches", "matches_string", [text, text], CelType.Bool, null);
        registry.Global("matches", "matches", [text, text], CelType.Bool, null);
        foreach (var (function, part) in new[]
        {
            ("getFullYear", "year"), ("getMonth", "month"), ("getDayOfYear", "day_of_year"), ("getDate", "day_of_month_1_based"),
            ("getDayOfMonth", "day_of_month"), ("getDayOfWeek", "day_of_week"), ("getHours", "hours"), ("getMinutes", "minutes"),
            ("getSeconds", "seconds"), ("getMilliseconds", "milliseconds"),
        })
        {
            registry.Member(function, $"timestamp_to_{part}", [time], whole, null);
            registry.Member(function, $"timestamp_to_{part}{(part == "seconds" ? "_tz" : "_with_tz")}", [time, text], whole, null);
            if (part is "hours" or "minutes" or "seconds" or "milliseconds")
                registry.Member(function, $"duration_to_{part}", [span], whole, null);
        }
    }
}
