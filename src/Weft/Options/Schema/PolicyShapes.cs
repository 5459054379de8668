using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Options.Schema;

/// <summary>A number that may have a fraction.</summary>
internal sealed class Number(double min, double max) : TextShape<double>
{
    public override string Kind => "a number such as 2 or 1.5";

    public override string Range => $"{Format(min)} to {Format(max)}";

    protected override string Pattern => @"^\d+(\.\d+)?$";

    protected override bool TryParse(string text, out double value) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    protected override string Format(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    public override void Check(double value, OptionsPath path, Checking checking)
    {
        if (!(value >= min && value <= max))
            checking.ReportRange(path, Format(value), Range);
    }

    public override void Write(double value, Utf8JsonWriter json) => json.WriteNumberValue(value);

    public override JsonObject Schema()
    {
        var schema = base.Schema();
        schema["type"] = new JsonArray("number", "string");
        return schema;
    }
}

/// <summary>A share, written as a percentage or as a number from 0 to 1.</summary>
/// <param name="zeroAllowed">Whether it may be nothing.</param>
internal sealed class Share(bool zeroAllowed) : TextShape<double>
{
    public override string Kind => "a share such as 20% or 0.2";

    public override string Range => zeroAllowed ? "0% to 100%" : "above 0% to 100%";

    protected override string Pattern => @"^\d+(\.\d+)?%?$";

    protected override bool TryParse(string text, out double value)
    {
        var percent = text.EndsWith('%');
        if (!double.TryParse(percent ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value))
            return false;
        value = percent ? value / 100 : value;
        return true;
    }

    protected override string Format(double value) => (value * 100).ToString("0.######", CultureInfo.InvariantCulture) + "%";

    public override void Check(double value, OptionsPath path, Checking checking)
    {
        if (!(value >= 0 && value <= 1) || (value == 0 && !zeroAllowed))
            checking.ReportRange(path, Format(value), Range, value > 1 ? "A number without % is a part of 1: 0.5 is 50%." : null);
    }

    public override JsonObject Schema()
    {
        var schema = base.Schema();
        schema["type"] = new JsonArray("number", "string");
        return schema;
    }
}

/// <summary>A rate, in events a second.</summary>
internal sealed class Rate(double min, double max) : TextShape<double>
{
    private static readonly (string Unit, double Seconds)[] s_units = [("/s", 1), ("/m", 60), ("/h", 3600)];

    public override string Kind => "a rate such as 100/s, 5/m or 0.1/s";

    public override string Range => $"{Format(min)} to {Format(max)}";

    protected override string Pattern => @"^\d+(\.\d+)?/[smh]$";

    protected override bool TryParse(string text, out double value)
    {
        value = 0;
        var (unit, seconds) = Array.Find(s_units, u => text.EndsWith(u.Unit, StringComparison.Ordinal));
        if (unit is null || !double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            return false;
        value = count / seconds;
        return true;
    }

    protected override string Format(double value) => value.ToString("0.######", CultureInfo.InvariantCulture) + "/s";

    public override void Check(double value, OptionsPath path, Checking checking)
    {
        if (!(value >= min && value <= max))
            checking.ReportRange(path, Format(value), Range);
    }
}

/// <summary>A percentile, <c>p50</c> to <c>p99.9</c>.</summary>
internal sealed class PercentileText : TextShape<Percentile>
{
    public override string Kind => "a percentile such as p95 or p99.9";

    public override string Range => "p50 to p99.9";

    protected override string Pattern => @"^p\d+(\.\d+)?$";

    protected override bool TryParse(string text, out Percentile value) => TryRead(text, out value);

    protected override string Format(Percentile value) => value.ToString();

    public override void Check(Percentile value, OptionsPath path, Checking checking)
    {
        if (!(value.Quantile >= 0.5 && value.Quantile <= 0.999))
            checking.ReportRange(path, Format(value), Range);
    }

    public static bool TryRead(string text, out Percentile value)
    {
        value = default;
        if (!text.StartsWith('p') || !decimal.TryParse(text.AsSpan(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        value = new((double)(number / 100));
        return true;
    }
}

/// <summary>When to hedge: a percentile or a time.</summary>
internal sealed class HedgeDelayText : TextShape<HedgeDelay>
{
    private static readonly Duration s_time = new(TimeSpan.Zero, TimeSpan.FromMinutes(1));
    private static readonly PercentileText s_percentile = new();

    public override string Kind => "a percentile such as p95, or a duration such as 50ms";

    protected override bool TryParse(string text, out HedgeDelay value)
    {
        value = default;
        if (PercentileText.TryRead(text, out var percentile))
            value = new(percentile);
        else if (s_time.TryParseText(text, out var time))
            value = new(time);
        else
            return false;
        return true;
    }

    protected override string Format(HedgeDelay value) => value.Percentile is { } p ? s_percentile.Show(p)! : s_time.Show(value.Time ?? default)!;

    public override void Check(HedgeDelay value, OptionsPath path, Checking checking)
    {
        if (value.Percentile is { } percentile)
            s_percentile.Check(percentile, path, checking);
        else
            s_time.Check(value.Time ?? default, path, checking);
    }
}

/// <summary>Why an attempt may be repeated: a word or a status.</summary>
internal sealed class RetryReasonText : TextShape<RetryReason>
{
    private static readonly RetryReason[] s_words = [RetryReason.Connect, RetryReason.Reset, RetryReason.Timeout];

    public override string Kind => "connect, reset, timeout or a status from 300 to 599";

    protected override string Hint(string text) => Weft.Diagnostics.Nearest.Hint(text, s_words.Select(w => w.Word!));

    protected override bool TryParse(string text, out RetryReason value)
    {
        value = Array.Find(s_words, w => w.Word == text);
        if (value.Word is not null)
            return true;
        value = RetryReason.Of(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0);
        return value.Status > 0;
    }

    protected override string Format(RetryReason value) => value.ToString();

    public override void Check(RetryReason value, OptionsPath path, Checking checking)
    {
        if (value.Word is null && value.Status is < 300 or > 599)
            checking.ReportRange(path, Format(value), Kind);
    }

    public override JsonObject Schema() => new() { ["type"] = new JsonArray("string", "integer") };
}

/// <summary>The methods that may be repeated: a list, or the word for the idempotent ones.</summary>
internal sealed class RetryMethods(Shape<OptionsList<string>> list) : Shape<OptionsList<string>>
{
    private const string Idempotent = "idempotent";

    public override string Kind => $"{Idempotent}, or {list.Kind}";

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out OptionsList<string> value)
    {
        value = [];
        return (node.Kind == NodeKind.Scalar && node.Text == Idempotent) || list.TryRead(node, path, reader, out value);
    }

    public override void Check(OptionsList<string> value, OptionsPath path, Checking checking) => list.Check(value, path, checking);

    public override void Write(OptionsList<string> value, Utf8JsonWriter json)
    {
        if (value.Count == 0)
            json.WriteStringValue(Idempotent);
        else
            list.Write(value, json);
    }

    public override string? Show(OptionsList<string> value) => value.Count == 0 ? Idempotent : list.Show(value);

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray(new JsonObject { ["const"] = Idempotent }, list.Schema()) };
}

/// <summary>A time, or <c>off</c> for none, which the options hold as an infinite one.</summary>
internal sealed class OptionalTime(Duration time) : TextShape<TimeSpan>
{
    private const string Off = "off";

    public override string Kind => $"{time.Kind}, or {Off}";

    public override string? Range => time.Range;

    protected override bool TryParse(string text, out TimeSpan value)
    {
        value = Timeout.InfiniteTimeSpan;
        return text == Off || time.TryParseText(text, out value);
    }

    protected override string Format(TimeSpan value) => value == Timeout.InfiniteTimeSpan ? Off : time.Show(value)!;

    public override void Check(TimeSpan value, OptionsPath path, Checking checking)
    {
        if (value != Timeout.InfiniteTimeSpan)
            time.Check(value, path, checking);
    }
}
