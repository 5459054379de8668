using System.Globalization;

namespace Weft.Timeouts;

/// <summary>
/// How much time is left, on the wire between services: relative, since clocks differ. <c>grpc-timeout</c> is that of the gRPC over HTTP/2 protocol page; the others are whole
/// milliseconds. What cannot be read counts as not said, never as an error: a caller must not be able to break a request with it.
/// </summary>
internal static class DeadlineHeaders
{
    /// <summary>Whole milliseconds, Weft's own.</summary>
    public const string Weft = "weft-timeout-ms";

    /// <summary>At most 8 digits and a unit: H, M, S, m, u or n.</summary>
    public const string Grpc = "grpc-timeout";

    /// <summary>Whole milliseconds, as Envoy tells the services behind it.</summary>
    public const string Envoy = "x-envoy-expected-rq-timeout-ms";

    /// <summary>Whole milliseconds, at most 10 digits, of the Connect protocol.</summary>
    public const string Connect = "connect-timeout-ms";

    private const int GrpcDigits = 8, Digits = 10;
    private const long MostGrpc = 99_999_999, MostMilliseconds = 9_999_999_999;

    private static readonly string[] s_names = [Grpc, Weft, Envoy, Connect];

    /// <summary>All names, in the order in which they are asked; the first that says something counts.</summary>
    public static ReadOnlySpan<string> Names => s_names;

    /// <summary>What the headers say is left.</summary>
    /// <param name="headers">The headers.</param>
    /// <param name="get">The value of a header; null when it is not there, or there several times.</param>
    /// <param name="left">Zero when the time is over.</param>
    /// <returns>False when they say nothing.</returns>
    public static bool TryRead<THeaders>(THeaders headers, Func<THeaders, string, string?> get, out TimeSpan left)
    {
        foreach (var name in s_names)
        {
            if (get(headers, name) is { } value && TryParse(name, value, out left))
                return true;
        }
        left = default;
        return false;
    }

    /// <summary>What the value of one of the headers says is left; zero when it is zero or negative.</summary>
    public static bool TryParse(string name, ReadOnlySpan<char> value, out TimeSpan left)
    {
        left = default;
        if (name != Grpc)
            return TryNumber(value, Digits, out var milliseconds) && TryTime(milliseconds, TimeSpan.TicksPerMillisecond, out left);
        if (value.IsEmpty || !TryNumber(value[..^1], GrpcDigits, out var number))
            return false;
        return value[^1] switch
        {
            'H' => TryTime(number, TimeSpan.TicksPerHour, out left),
            'M' => TryTime(number, TimeSpan.TicksPerMinute, out left),
            'S' => TryTime(number, TimeSpan.TicksPerSecond, out left),
            'm' => TryTime(number, TimeSpan.TicksPerMillisecond, out left),
            'u' => TryTime(number, TimeSpan.TicksPerMicrosecond, out left),
            'n' => TryTime((number + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick, 1, out left), // Up: one nanosecond is not yet over.
            _ => false,
        };
    }

    /// <summary>Writes what is left in whole milliseconds, for all headers but gRPC's. Cut, never rounded up: nobody is told of more time than there is.</summary>
    public static string Milliseconds(TimeSpan left) => WholeMilliseconds(left).ToString(CultureInfo.InvariantCulture);

    /// <summary>The number that <see cref="Milliseconds"/> writes.</summary>
    public static long WholeMilliseconds(TimeSpan left) => Math.Clamp(left.Ticks / TimeSpan.TicksPerMillisecond, 0, MostMilliseconds);

    /// <summary>Writes what is left as gRPC does, in the finest unit from microseconds that 8 digits have room for.</summary>
    public static string GrpcTimeout(TimeSpan left)
    {
        var ticks = Math.Max(0, left.Ticks);
        return Text(ticks, TimeSpan.TicksPerMicrosecond, 'u') ?? Text(ticks, TimeSpan.TicksPerMillisecond, 'm') ?? Text(ticks, TimeSpan.TicksPerSecond, 'S')
            ?? Text(ticks, TimeSpan.TicksPerMinute, 'M') ?? $"{Math.Min(ticks / TimeSpan.TicksPerHour, MostGrpc)}H";

        static string? Text(long ticks, long unit, char letter) =>
            ticks / unit > MostGrpc ? null : string.Create(CultureInfo.InvariantCulture, $"{ticks / unit}{letter}");
    }

    private static bool TryTime(long number, long unit, out TimeSpan left)
    {
        left = number <= 0 ? TimeSpan.Zero : new(number * unit);
        return true;
    }

    /// <summary>A whole number of ASCII digits, perhaps with a minus before it.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, int most, out long number)
    {
        number = 0;
        var isNegative = text.StartsWith("-");
        var digits = isNegative ? text[1..] : text;
        if (digits.IsEmpty || digits.Length > most || digits.ContainsAnyExceptInRange('0', '9'))
            return false;
        number = long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        number = isNegative ? -number : number;
        return true;
    }
}
