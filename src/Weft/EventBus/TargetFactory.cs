using Weft.Flows;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>Makes what a subscription delivers to.</summary>
internal sealed class TargetFactory(HandlerRegistry handlers, IServiceProvider services)
{
    public ITarget<Message> Create(string subscription, SubscriptionOptions options)
    {
        if (options.Handler is { } name)
            return new HandlerTarget(subscription, options.From, handlers.Find(name), services);
        throw new WeftConfigurationException($"subscriptions.{subscription} has neither push nor handler.");
    }
}
