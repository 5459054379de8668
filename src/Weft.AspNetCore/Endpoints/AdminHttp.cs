using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Weft.Options;

namespace Weft.AspNetCore.Endpoints;

/// <summary>What all endpoints of the admin API do with requests and answers.</summary>
internal static class AdminHttp
{
    private const long MaxBody = 256 * 1024;

    /// <summary>Maps an endpoint that only looks.</summary>
    public static void Get(IEndpointRouteBuilder api, string pattern, RequestDelegate answer) =>
        api.MapGet(pattern, answer).WithMetadata(new RequiredRights(AdminRights.Read));

    /// <summary>Maps an endpoint that changes something.</summary>
    public static void Change(IEndpointRouteBuilder api, string method, string pattern, AdminRights rights, RequestDelegate act, long maxBody = MaxBody) =>
        api.MapMethods(pattern, [method], act).WithMetadata(new RequiredRights(rights), new BodyLimit(maxBody));

    /// <summary>Reads the body as JSON.</summary>
    /// <exception cref="AdminException">It is not what is needed.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
                ?? throw new AdminException(400, "The body is null; a JSON object is needed.");
        }
        catch (JsonException e)
        {
            throw new AdminException(400, $"The body is not the JSON object that this needs: {e.Message}");
        }
        catch (BadHttpRequestException e)
        {
            throw new AdminException(e.StatusCode, e.Message);
        }
    }

    /// <summary>Answers with JSON.</summary>
    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }

    /// <summary>What a hole of the path stands for.</summary>
    public static string Value(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    /// <summary>A parameter of the query; null when it is not there or empty.</summary>
    public static string? Query(HttpContext context, string name) => context.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>The parameter <c>limit</c>, by default 100.</summary>
    /// <exception cref="AdminException">It is out of range.</exception>
    public static int Limit(HttpContext context, int most)
    {
        int limit = Math.Min(100, most);
        return Query(context, "limit") is not { } text || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit >= 1 && limit <= most)
            ? limit
            : throw new AdminException(400, $"'limit' is '{text}'; allowed 1 to {most}.");
    }

    private sealed class BodyLimit(long most) : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => most;
    }
}
