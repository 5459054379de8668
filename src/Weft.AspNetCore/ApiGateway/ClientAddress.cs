using System.Net;
using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>
/// The address of a client behind trusted proxies: of what they say in <c>X-Forwarded-For</c>, read from the end, the first that is none of them. What stands
/// before it the client may have invented.
/// </summary>
internal sealed class ClientAddress
{
    private ClientAddress(string text) => Text = text;

    /// <summary>As text.</summary>
    public string Text { get; }

    /// <summary>The address of who sent a request, for expressions.</summary>
    public static string? Of(HttpContext context) => context.Features.Get<ClientAddress>()?.Text ?? Plain(context.Connection.RemoteIpAddress);

    /// <summary>Finds it when a trusted proxy sent the request; otherwise the address of the connection holds.</summary>
    public static void Find(HttpContext context, TrustedProxies proxies)
    {
        if (!proxies.Sent(context) || context.Request.Headers["X-Forwarded-For"] is not { Count: > 0 } fields)
            return;
        IPAddress? found = null;
        foreach (var part in fields.ToString().Split(',').Reverse())
        {
            if (!TryRead(part.AsSpan().Trim(), out var address))
                break;
            found = address;
            if (!proxies.Has(address))
                break;
        }
        if (found is not null)
            context.Features.Set(new ClientAddress(Plain(found)!));
    }

    private static bool TryRead(ReadOnlySpan<char> text, out IPAddress address)
    {
        // Some proxies add the port: 10.0.0.7:4711 and [::1]:4711.
        if (IPEndPoint.TryParse(text, out var end) && (text.Count(':') == 1 || text[0] == '['))
        {
            address = end.Address;
            return true;
        }
        return IPAddress.TryParse(text, out address!);
    }

    private static string? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString();
}
