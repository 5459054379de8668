using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Calls;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.EventBus;

/// <summary>Makes what a subscription delivers to.</summary>
internal sealed class TargetFactory(
    HandlerRegistry handlers, EventFactory events, ServiceDirectory directory, ServiceClient client, TimeProvider time, IServiceScopeFactory scopes, ILoggerFactory loggers)
{
    /// <summary>Put around the target of each subscription; null for nothing. For who watches what is delivered.</summary>
    public Func<string, ITarget<Message>, ITarget<Message>>? Around { get; set; }

    /// <summary>The target of a subscription.</summary>
    public ITarget<Message> Create(string subscription, SubscriptionOptions options)
    {
        var target = Make(subscription, options);
        return Around?.Invoke(subscription, target) ?? target;
    }

    private ITarget<Message> Make(string subscription, SubscriptionOptions options) => options.Handler is { } handler
        ? new HandlerTarget(subscription, options.From, handlers.Bind(handler, subscription, events, loggers.CreateLogger("Weft.EventBus")), scopes)
        : new PushTarget(subscription, options, directory, client, time);
}
