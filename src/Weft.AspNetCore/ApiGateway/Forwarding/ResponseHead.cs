using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>Copies the head of an upstream response.</summary>
internal static class ResponseHead
{
    /// <summary>Copies status and fields, but those that end here.</summary>
    public static void Copy(HttpResponseMessage upstream, HttpResponse response)
    {
        response.StatusCode = (int)upstream.StatusCode;
        var fields = upstream.Headers.NonValidated;
        var connection = fields.TryGetValues("Connection", out var nominated) ? ToValues(nominated) : default;
        Copy(fields, response.Headers, connection);
        Copy(upstream.Content.Headers.NonValidated, response.Headers, connection);
        // A 204 has no body, whatever it says (RFC 9110, 8.6).
        if (response.StatusCode == StatusCodes.Status204NoContent)
            response.Headers.ContentLength = null;
        if (!response.SupportsTrailers())
            response.Headers.Remove("Trailer");
    }

    /// <summary>Copies the fields after the body, where the client's connection can carry them.</summary>
    public static void CopyTrailers(HttpResponseMessage upstream, HttpResponse response)
    {
        if (!response.SupportsTrailers())
            return;
        foreach (var (name, values) in upstream.TrailingHeaders.NonValidated)
        {
            if (!HopFields.EndsResponse(name))
                response.AppendTrailer(name, ToValues(values));
        }
    }

    /// <summary>Copies the fields after the body, where the client's connection can carry them.</summary>
    public static void CopyTrailers(IReadOnlyList<KeyValuePair<string, string>> upstream, HttpResponse response)
    {
        if (!response.SupportsTrailers())
            return;
        foreach (var (name, value) in upstream)
        {
            if (!HopFields.EndsResponse(name) && !HopFields.EndsTrailers(name))
                response.AppendTrailer(name, value);
        }
    }

    private static void Copy(HttpHeadersNonValidated from, IHeaderDictionary to, in StringValues connection)
    {
        foreach (var (name, values) in from)
        {
            if (HopFields.EndsResponse(name) || (connection.Count > 0 && HopFields.Nominates(connection, name)))
                continue;
            to[name] = ToValues(values);
        }
    }

    private static StringValues ToValues(in HeaderStringValues values)
    {
        if (values.Count == 1)
            return values.ToString();
        var array = new string[values.Count];
        var i = 0;
        foreach (var value in values)
            array[i++] = value;
        return array;
    }
}
