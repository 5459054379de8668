using Weft.Diagnostics;

namespace Weft.Calls;

/// <summary>What can be seen of calls that were not sent, or not sent again. Labels are names from the file and closed lists.</summary>
internal static class CallTelemetry
{
    /// <summary>A repeat that was not made.</summary>
    public static void Suppressed(string service, string reason) =>
        WeftMeter.SuppressedRetries.Add(1, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A call that was not sent.</summary>
    public static void Rejected(string service, Rejection rejection) =>
        WeftMeter.RejectedCalls.Add(1, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("reason", Name(rejection)));

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
