using Microsoft.AspNetCore.Routing;
using Weft.AspNetCore.ApiGateway;

namespace Weft;

/// <summary>Weft in an ASP.NET Core app.</summary>
public static class WeftAspNetCoreExtensions
{
    /// <summary>Adds the gateway: <c>routes</c>, and topics that <c>accept</c> events from outside. Serve them with <see cref="MapWeft"/>.</summary>
    public static WeftBuilder UseGateway(this WeftBuilder weft)
    {
        weft.Services.AddWeftGateway();
        return weft;
    }

    /// <summary>
    /// Serves the routes and the open topics among the app's own endpoints; listeners, TLS and logging stay the app's. A reload
    /// changes them at once, and requests under way finish on what they began with.
    /// </summary>
    public static IEndpointRouteBuilder MapWeft(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapWeftGateway();
        return endpoints;
    }
}
