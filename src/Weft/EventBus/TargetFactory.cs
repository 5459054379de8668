using Weft.Calls;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.EventBus;

/// <summary>Makes what a subscription delivers to.</summary>
internal sealed class TargetFactory(HandlerRegistry handlers, ServiceDirectory directory, ServiceClient client, TimeProvider time, IServiceProvider services)
{
    /// <summary>The target of a subscription.</summary>
    public ITarget<Message> Create(string subscription, SubscriptionOptions options) => options.Handler is { } handler
        ? new HandlerTarget(subscription, options.From, handlers.Find(handler), services)
        : new PushTarget(subscription, options, directory, client, time);
}
