using Microsoft.AspNetCore.Http;
using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Says what it means that a request's body could not be read.</summary>
internal static class RequestFailure
{
    /// <summary>The outcome for the attempt that needed the body. A client that went away is told from one that sent nonsense.</summary>
    public static AttemptOutcome Outcome(Exception failure, CallDeadline deadline) => failure switch
    {
        BadHttpRequestException e => new(AttemptResult.BadRequest, e.StatusCode),
        _ when deadline.CallerGone => new(AttemptResult.Cancelled),
        _ => new(AttemptResult.BadRequest, StatusCodes.Status400BadRequest),
    };

    /// <summary>What to tell the client.</summary>
    public static Problem Problem(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => ProblemKind.TooLarge.Plain,
        StatusCodes.Status408RequestTimeout => ProblemKind.SlowRequest.Plain,
        _ => new(ProblemKind.BadRequest, "The body breaks off or is framed wrongly."),
    };
}
