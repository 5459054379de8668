using Weft.Diagnostics;

namespace Weft.Calls;

/// <summary>What can be seen of calls and their attempts. Labels are names from the file and closed lists; nothing is allocated.</summary>
internal static class CallTelemetry
{
    /// <summary>The outcome of an attempt that was ended because another one of its call was faster.</summary>
    public const string Abandoned = "abandoned";

    /// <summary>The reason of a call whose time was over while it waited for a place.</summary>
    public const string BulkheadWait = "bulkhead-wait";

    /// <summary>An attempt that ended.</summary>
    public static void Attempted(string service, string outcome, TimeSpan time) =>
        WeftMeter.AttemptDuration.Record(time.TotalSeconds, new("service", service), new("outcome", outcome));

    /// <summary>An attempt that began beside a slow one.</summary>
    public static void Hedged(string service) => WeftMeter.HedgedAttempts.Add(1, new KeyValuePair<string, object?>("service", service));

    /// <summary>A call that such an attempt answered well.</summary>
    public static void HedgeWon(string service) => WeftMeter.HedgeWins.Add(1, new KeyValuePair<string, object?>("service", service));

    /// <summary>A repeat that was not made.</summary>
    public static void Suppressed(string service, string reason) =>
        WeftMeter.SuppressedRetries.Add(1, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A call that was not sent.</summary>
    public static void Rejected(string service, string reason) =>
        WeftMeter.RejectedCalls.Add(1, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("reason", reason));

    /// <summary>The word for a rejection, in metrics and in <c>weft-rejected-by</c>.</summary>
    public static string Name(Rejection rejection) => rejection switch
    {
        Rejection.NoInstance => "no-instance",
        Rejection.Breaker => "breaker",
        Rejection.Bulkhead => "bulkhead",
        Rejection.Deadline => "deadline",
        Rejection.Cancelled => "cancelled",
        _ => "none",
    };
}
