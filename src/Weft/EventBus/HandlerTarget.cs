using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>Delivers to a C# handler.</summary>
internal sealed class HandlerTarget(string subscription, string topic, BoundHandler handler, IServiceScopeFactory scopes) : ITarget<Message>
{
    private readonly Messaging.Subscription _telemetry = new(subscription, topic);

    // One for each delivery that runs at the same time, used again.
    private readonly ConcurrentQueue<DeliveryServices> _spare = new();

    /// <inheritdoc/>
    public CommitScope? Begin() => null;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(
        ReadOnlyMemory<Delivery<Message>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
    {
        var handled = DeliveryScope.Current;
        if (!_spare.TryDequeue(out var services))
            services = new(scopes);
        try
        {
            for (int i = 0; i < batch.Length; i++)
            {
                using var activity = _telemetry.Process(batch.Span[i]);
                try
                {
                    handled?.Item = batch.Span[i].Item;
                    await HandleAsync(batch.Span[i], services, cancellation).ConfigureAwait(false);
                }
                catch (Exception e) when (handler.Verdict(e) is { } dead)
                {
                    activity.Fail(dead.Reason!);
                    outcomes.Span[i] = dead;
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
        finally
        {
            _spare.Enqueue(services);
        }
    }

    // What the handler asked for is disposed of before its delivery is settled: a failure of that is one of the handler.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask HandleAsync(Delivery<Message> delivery, DeliveryServices services, CancellationToken cancellation)
    {
        try
        {
            var context = new DeliveryContext(services, subscription, topic, delivery.Position, delivery.Attempt, delivery.Item);
            await handler.Handle(delivery.Item, context, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await services.CloseAsync().ConfigureAwait(false);
        }
    }
}
