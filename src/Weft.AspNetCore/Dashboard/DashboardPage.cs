using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.Dashboard;

/// <summary>
/// Answers with files of the dashboard. They are the same for everybody and say nothing about the process, so they need no token;
/// what the page shows it asks from the admin API with the token that its user gives it.
/// </summary>
internal static class DashboardPage
{
    // Only its own files and its own address: nothing inline, nothing from elsewhere, in no frame.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    /// <summary>Answers when the request is for a file of the dashboard; false when it is not.</summary>
    public static async Task<bool> TryAnswerAsync(HttpContext context, DashboardFiles files)
    {
        var request = context.Request;
        bool isHead = HttpMethods.IsHead(request.Method);
        if ((!isHead && !HttpMethods.IsGet(request.Method)) || files.Find(request.Path.Value) is not { } file)
            return false;

        var response = context.Response;
        var headers = response.Headers;
        headers.CacheControl = file.IsHashed ? "public, max-age=31536000, immutable" : "no-store";
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.ContentType = file.ContentType;
        response.ContentLength = file.Bytes.Length;
        // Without a token: a caller that has gone is nothing to report, and the server drops what it does not take.
        if (!isHead)
            await response.Body.WriteAsync(file.Bytes, CancellationToken.None).ConfigureAwait(false);
        return true;
    }
}
