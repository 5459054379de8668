using System.Runtime.CompilerServices;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>Delivers to a C# handler.</summary>
internal sealed class HandlerTarget(string subscription, string topic, MessageHandler handler, IServiceProvider services) : ITarget<Message>
{
    private readonly Messaging.Subscription _telemetry = new(subscription, topic);

    /// <inheritdoc/>
    public CommitScope? Begin() => null;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(
        ReadOnlyMemory<Delivery<Message>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
    {
        var handled = DeliveryScope.Current;
        for (int i = 0; i < batch.Length; i++)
        {
            var delivery = batch.Span[i];
            using var activity = _telemetry.Process(delivery);
            try
            {
                handled?.Item = delivery.Item;
                await handler(delivery.Item, new(services, subscription, topic, delivery.Position, delivery.Attempt), cancellation).ConfigureAwait(false);
            }
            catch (DeadLetterException e)
            {
                activity.Fail("rejected");
                outcomes.Span[i] = Outcome.Dead("rejected", e.Message);
            }
            catch (Exception e) when (activity is not null)
            {
                activity.Fail(e.GetType().Name);
                throw;
            }
            finally
            {
                handled?.Item = default;
            }
        }
    }
}
