using System.Globalization;

namespace Weft.Load.Harness;

/// <summary>How figures look in reports.</summary>
internal static class Figures
{
    /// <summary>Three significant digits, thousands apart: <c>12,300</c>, <c>1.05</c>, <c>0.0123</c>.</summary>
    public static string Short(double value)
    {
        if (!double.IsFinite(value))
        {
            return "none";
        }

        if (value == 0)
        {
            return "0";
        }

        var size = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        if (size >= 2)
        {
            var unit = Math.Pow(10, size - 2);
            return (Math.Round(value / unit) * unit).ToString("N0", CultureInfo.InvariantCulture);
        }

        return Math.Round(value, Math.Min(2 - size, 15)).ToString("0.################", CultureInfo.InvariantCulture);
    }

    /// <summary>The median with the smallest and the largest: <c>12,300 (11,900 to 12,800)</c>; one value stands alone.</summary>
    public static string Short(Spread spread) => spread.Min == spread.Max
        ? Short(spread.Median)
        : $"{Short(spread.Median)} ({Short(spread.Min)} to {Short(spread.Max)})";

    /// <summary>A share of one in percent: <c>62 %</c>.</summary>
    public static string Percent(double share) => Short(share * 100) + " %";
}
