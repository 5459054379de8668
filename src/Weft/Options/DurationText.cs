using Weft.Options.Schema;

namespace Weft.Options;

/// <summary>Times as the file writes them.</summary>
internal static class DurationText
{
    private static readonly Duration s_any = new(TimeSpan.Zero, TimeSpan.MaxValue);

    /// <summary>In the largest unit that needs no fraction, such as <c>250ms</c> or <c>5m</c>.</summary>
    public static string Of(TimeSpan time) => s_any.Show(time)!;
}
