using System.Globalization;
using Weft.Timeouts;

namespace Weft.Calls;

/// <summary>What a service is told about the call that an attempt is part of.</summary>
internal static class CallHeaders
{
    /// <summary>Which repeat of a request it is; not there for the first attempt. Who gets one does not repeat in turn.</summary>
    public const string Attempt = "weft-attempt";

    /// <summary>In an answer: who rejected the request without sending it on.</summary>
    public const string RejectedBy = "weft-rejected-by";

    /// <summary>In an answer: the time of the caller was over. Who sent all the time that it had does not repeat.</summary>
    public const string DeadlineExpired = "weft-deadline-expired";

    /// <summary>In an answer: it was made in place of the service's own.</summary>
    public const string Fallback = "weft-fallback";

    /// <summary>Writes how long somebody waits for the answer, and which repeat it is.</summary>
    public static void Write(HttpRequestMessage request, in Attempt attempt)
    {
        if (attempt.Service.Guard.Policy.Deadline.Propagate)
            WriteTimeout(request, attempt.Timeout);
        if (attempt.Repeat > 0)
            request.Headers.TryAddWithoutValidation(Attempt, attempt.Repeat.ToString(CultureInfo.InvariantCulture));
    }

    // gRPC has a field of its own, which the caller may have set to more.
    private static void WriteTimeout(HttpRequestMessage request, TimeSpan timeout)
    {
        var isGrpc = request.Content?.Headers.NonValidated.TryGetValues("Content-Type", out var types) == true
            && types.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);
        if (isGrpc)
            request.Headers.Remove(DeadlineHeaders.Grpc);
        request.Headers.TryAddWithoutValidation(
            isGrpc ? DeadlineHeaders.Grpc : DeadlineHeaders.Weft,
            isGrpc ? DeadlineHeaders.GrpcTimeout(timeout) : DeadlineHeaders.Milliseconds(timeout));
    }

    /// <summary>The number in <c>weft-attempt</c>; 0 when there is none that can be read.</summary>
    public static int ReadAttempt(string? value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var repeat) ? repeat : 0;
}
