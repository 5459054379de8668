namespace Weft.Expressions.Library;

/// <summary>A date and a time of day somewhere. It may be a day before year 1 or after 9999, where UTC is not yet or still within.</summary>
/// <param name="seconds">Since 1970-01-01T00:00:00 there.</param>
internal readonly struct LocalTime(long seconds)
{
    /// <summary>The number that DateOnly gives 1970-01-01.</summary>
    public const int UnixDay = 719_162;

    private const long SecondsPerDay = 86_400;
    private const int DaysPer400Years = 146_097;

    // 1970-01-01 was a Thursday.
    private const int EpochDayOfWeek = 4;

    private readonly long _day = Math.DivRem(seconds, SecondsPerDay).Quotient - (seconds % SecondsPerDay < 0 ? 1 : 0);

    public long SecondOfDay => seconds - _day * SecondsPerDay;

    /// <summary>0 is Sunday.</summary>
    public long DayOfWeek => ((_day + EpochDayOfWeek) % 7 + 7) % 7;

    /// <summary>The date; day of the year from 0.</summary>
    public (long Year, long Month, long Day, long DayOfYear) Date
    {
        get
        {
            // The calendar repeats after 400 years: a day beyond the range of dates is looked at within it.
            var number = _day + UnixDay;
            var shift = number < 0 ? 1 : number > DateOnly.MaxValue.DayNumber ? -1 : 0;
            var date = DateOnly.FromDayNumber((int)(number + shift * DaysPer400Years));
            return (date.Year - shift * 400, date.Month, date.Day, date.DayOfYear - 1);
        }
    }
}
