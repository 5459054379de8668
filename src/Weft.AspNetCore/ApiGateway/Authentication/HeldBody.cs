using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.Endpoints;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>The whole body of a request, read before it is known who sends it. It stays in memory until the request is over, and can be read again as if it had not been.</summary>
internal static class HeldBody
{
    /// <summary>Reads the body to its end; the same bytes again when that was done before.</summary>
    /// <exception cref="BadHttpRequestException">It is too large, or framed wrongly.</exception>
    /// <exception cref="IOException">It breaks off.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<Held>() is { } before)
            return before.Bytes;
        var buffer = await BodyBuffer.ReadAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
        context.Response.RegisterForDispose(buffer);
        context.Features.Set(new Held(buffer.Bytes));
        MemoryMarshal.TryGetArray(buffer.Bytes, out var bytes);
        context.Request.Body = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        return buffer.Bytes;
    }

    private sealed record Held(ReadOnlyMemory<byte> Bytes);
}
