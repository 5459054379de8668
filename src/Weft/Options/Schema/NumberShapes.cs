using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Options.Schema;

/// <summary>A whole number.</summary>
internal sealed class Integer(int min, int max) : TextShape<int>
{
    public override string Kind => "a whole number";

    public override string Range => string.Create(CultureInfo.InvariantCulture, $"{min} to {max}");

    protected override bool TryParse(string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    protected override string Format(int value) => value.ToString(CultureInfo.InvariantCulture);

    public override void Check(int value, OptionsPath path, Checking checking)
    {
        if (value < min || value > max)
            checking.ReportRange(path, Format(value), Range);
    }

    public override void Write(int value, Utf8JsonWriter json) => json.WriteNumberValue(value);

    public override JsonObject Schema() =>
        new() { ["type"] = new JsonArray("integer", "string"), ["minimum"] = min, ["maximum"] = max, ["pattern"] = Deferred };
}

/// <summary>A number with a unit behind it, such as <c>30s</c>: units from the smallest, each a multiple of the step of the type.</summary>
internal abstract class Measure<T>(params (string Unit, decimal Steps)[] units) : TextShape<T> where T : struct, IComparable<T>
{
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");

    protected abstract decimal ToSteps(T value);

    protected abstract T FromSteps(long steps);

    protected abstract T Min { get; }

    protected abstract T Max { get; }

    public override string Range => $"{Format(Min)} to {Format(Max)}";

    protected override string Pattern => $@"^\d+(\.\d+)?({string.Join('|', units.Select(u => u.Unit).Where(u => u.Length > 0))}){(units[0].Unit.Length == 0 ? "?" : "")}$";

    protected override bool TryParse(string text, out T value)
    {
        value = default;
        var digits = text.AsSpan().IndexOfAnyExcept(s_digits);
        var number = digits < 0 ? text : text[..digits];
        var unit = Array.FindIndex(units, u => u.Unit == text[number.Length..]);
        if (unit < 0 || number.Length > 20 || !char.IsAsciiDigit(number.FirstOrDefault()) || number[^1] == '.')
            return false;
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            return false;
        var steps = decimal.Round(count * units[unit].Steps);
        if (steps > long.MaxValue)
            return false;
        value = FromSteps((long)steps);
        return true;
    }

    /// <summary>In the largest unit that needs no fraction.</summary>
    protected override string Format(T value)
    {
        var steps = ToSteps(value);
        var (unit, size) = units.Last(u => u == units[0] || (steps != 0 && steps % u.Steps == 0));
        return string.Create(CultureInfo.InvariantCulture, $"{(steps / size).ToString("0.####", CultureInfo.InvariantCulture)}{(steps == 0 ? Zero : unit)}");
    }

    protected abstract string Zero { get; }

    public override void Check(T value, OptionsPath path, Checking checking)
    {
        if (value.CompareTo(Min) < 0 || value.CompareTo(Max) > 0)
            checking.ReportRange(path, Format(value), Range);
    }
}

/// <summary>A time span.</summary>
internal sealed class Duration(TimeSpan min, TimeSpan max) : Measure<TimeSpan>(
    ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute),
    ("h", TimeSpan.TicksPerHour), ("d", TimeSpan.TicksPerDay))
{
    public override string Kind => "a duration such as 250ms, 5s, 10m, 24h or 7d";

    protected override TimeSpan Min => min;

    protected override TimeSpan Max => max;

    protected override string Zero => "s";

    protected override decimal ToSteps(TimeSpan value) => value.Ticks;

    protected override TimeSpan FromSteps(long steps) => TimeSpan.FromTicks(steps);
}

/// <summary>A number of bytes; 1 KB is 1024.</summary>
internal sealed class Size(long min, long max) : Measure<long>(("", 1), ("KB", 1L << 10), ("MB", 1L << 20), ("GB", 1L << 30), ("TB", 1L << 40))
{
    public override string Kind => "a size such as 64KB or 10MB (1 KB is 1024 bytes)";

    protected override long Min => min;

    protected override long Max => max;

    protected override string Zero => "";

    protected override decimal ToSteps(long value) => value;

    protected override long FromSteps(long steps) => steps;

    public override JsonObject Schema()
    {
        var schema = base.Schema();
        schema["type"] = new JsonArray("string", "integer");
        return schema;
    }
}
