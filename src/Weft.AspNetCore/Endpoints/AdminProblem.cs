using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.ApiGateway;

namespace Weft.AspNetCore.Endpoints;

/// <summary>An error of the admin API as problem details (RFC 9457). It says more than those of the gateway: its callers are known.</summary>
internal static class AdminProblem
{
    private static readonly ProblemKind Forbidden = new("forbidden", 403, "This is not allowed");
    private static readonly ProblemKind NotFound = new("not-found", 404, "There is no such thing");
    private static readonly ProblemKind Conflict = new("conflict", 409, "This cannot be done now");
    private static readonly ProblemKind Misdirected = new("misdirected", 421, "The request is for another host");
    private static readonly ProblemKind Store = new("store-unavailable", 503, "The store cannot be used");

    /// <summary>Answers with an error.</summary>
    public static Task WriteAsync(HttpContext context, int status, string detail) =>
        ProblemWriter.WriteAsync(context, new(KindOf(status), detail));

    private static ProblemKind KindOf(int status) => status switch
    {
        400 => ProblemKind.BadRequest,
        401 => ProblemKind.Unauthenticated,
        403 => Forbidden,
        404 => NotFound,
        405 => ProblemKind.Method,
        409 => Conflict,
        413 => ProblemKind.TooLarge,
        421 => Misdirected,
        503 => Store,
        _ => ProblemKind.Internal,
    };
}

/// <summary>A request that the admin API cannot carry out, and the status that says so.</summary>
internal sealed class AdminException(int status, string detail) : Exception(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;
}
