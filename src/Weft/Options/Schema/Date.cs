using System.Globalization;

namespace Weft.Options.Schema;

/// <summary>A day, which begins at midnight UTC, or a time.</summary>
internal sealed class Date : TextShape<DateTimeOffset>
{
    private static readonly string[] s_forms = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mm:sszzz"];

    public override string Kind => "a day such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z";

    protected override string Pattern => @"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d))?$";

    protected override bool TryParse(string text, out DateTimeOffset value) =>
        DateTimeOffset.TryParseExact(text, s_forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value);

    protected override string Format(DateTimeOffset value) => value.UtcDateTime.ToString(value.UtcDateTime.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
