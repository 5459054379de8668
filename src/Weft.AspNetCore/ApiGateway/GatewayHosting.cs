using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.AspNetCore.ApiGateway.Limits;
using Weft.AspNetCore.ApiGateway.Matching;
using Weft.Calls;
using Weft.EventBus;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Puts the gateway into an app. Needs <see cref="IPublisher"/> and <see cref="ISecrets"/>.</summary>
internal static class GatewayHosting
{
    /// <summary>Adds the gateway and what it stands on.</summary>
    public static IServiceCollection AddWeftGateway(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<CallPipeline>();
        services.TryAddSingleton(s => new AccessLog(s.GetRequiredService<ILoggerFactory>().CreateLogger("Weft.Access")));
        services.TryAddSingleton<ILimitCounters, LimitCounters>();
        services.TryAddSingleton<Authenticators>();
        services.TryAddSingleton<RouteFactory>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, ConditionPolicy>());
        services.TryAddSingleton<PublishStep>();
        services.TryAddSingleton<LastGoodAnswers>();
        services.TryAddSingleton<ForwardStep>();
        services.TryAddSingleton<GatewayPipeline>();
        services.AddPart<ServiceDirectory>();
        services.AddPart<Gateway>();
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
