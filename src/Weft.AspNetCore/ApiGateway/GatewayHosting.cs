using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.AspNetCore.ApiGateway.Forwarding;
using Weft.Calls;
using Weft.Options;
using Weft.ServiceRegistry;
using Yarp.ReverseProxy.Forwarder;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Puts the gateway into an app. Needs what <c>AddWeft</c> adds, and <see cref="ISecrets"/>.</summary>
internal static class GatewayHosting
{
    /// <summary>Adds the gateway.</summary>
    public static IServiceCollection AddWeftGateway(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        services.AddSingleton(s => new AccessLog(s.GetRequiredService<ILoggerFactory>().CreateLogger("Weft.Access")));
        services.AddSingleton<RouteFactory>();
        services.AddSingleton<PublishStep>();
        services.AddSingleton(s => new ForwardStep(
            s.GetRequiredService<CallPipeline>(),
            s.GetRequiredService<ServiceDirectory>(),
            new StreamingForwarder(),
            new UpgradeForwarder(s.GetRequiredService<IHttpForwarder>())));
        services.AddSingleton<GatewayPipeline>();
        services.AddSingleton<Gateway>();
        services.AddSingleton<IWeftPart>(s => s.GetRequiredService<Gateway>());
        return services;
    }

    /// <summary>Serves routes and open topics.</summary>
    public static void MapWeftGateway(this IEndpointRouteBuilder endpoints) =>
        endpoints.DataSources.Add(endpoints.ServiceProvider.GetRequiredService<Gateway>().Endpoints);

    /// <summary>Makes a process that is Weft's own strict about HTTP, and answers what nothing else does. First in the pipeline.</summary>
    public static void UseWeftGateway(this IApplicationBuilder app)
    {
        app.Use(UnmatchedRequests.InvokeAsync);
        app.Use(StrictHttp.InvokeAsync);
    }
}
