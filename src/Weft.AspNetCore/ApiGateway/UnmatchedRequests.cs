using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Gives a problem as body to what nothing answered: no route, a wrong method, a failure of the gateway itself. For processes that are Weft's own.</summary>
internal static class UnmatchedRequests
{
    /// <summary>Middleware for the front of the pipeline.</summary>
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            context.Response.Clear();
            await ProblemWriter.WriteAsync(context, ProblemKind.Internal.Plain).ConfigureAwait(false);
            throw;
        }
        if (context.Response is not { HasStarted: false, ContentLength: null, ContentType: null } response || context.GetEndpoint()?.Metadata.GetMetadata<GatewayRoute>() is not null)
            return;
        if (response.StatusCode == StatusCodes.Status404NotFound)
            await ProblemWriter.WriteAsync(context, ProblemKind.NoRoute.Plain).ConfigureAwait(false);
        else if (response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            await ProblemWriter.WriteAsync(context, ProblemKind.Method.Plain).ConfigureAwait(false);
    }
}
