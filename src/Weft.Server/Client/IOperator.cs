using Weft.AspNetCore.Endpoints;

namespace Weft.Server.Client;

/// <summary>What an operator does from the command line: through the admin address of a running instance, or on the stores when nothing runs.</summary>
internal interface IOperator : IAsyncDisposable
{
    /// <summary>All subscriptions.</summary>
    Task<IReadOnlyList<SubscriptionView>> SubscriptionsAsync();

    /// <summary>The services that are called, with their policies at work.</summary>
    Task<IReadOnlyList<ServiceView>> ServicesAsync();

    /// <summary>Pauses or resumes.</summary>
    Task<ChangeResult> HoldAsync(string subscription, bool pause);

    /// <summary>Moves a subscription to <c>new</c>, <c>beginning</c> or a time.</summary>
    Task<ChangeResult> SeekAsync(string subscription, string to);

    /// <summary>Forgets a subscription that the file no longer names.</summary>
    Task<ChangeResult> RemoveAsync(string subscription);

    /// <summary>A page of dead letters.</summary>
    Task<DeadPage> ListDeadAsync(DeadQuery query, int limit);

    /// <summary>Dead letters by cause.</summary>
    Task<DeadGroups> GroupDeadAsync(DeadQuery query);

    /// <summary>One dead letter.</summary>
    Task<DeadView> ShowDeadAsync(string subscription, string position);

    /// <summary>Changes the event of a dead letter.</summary>
    Task<DeadView> EditDeadAsync(string subscription, string position, DeadEdit edit);

    /// <summary>Replays or discards dead letters.</summary>
    Task<DeadResult> ChangeDeadAsync(DeadRequest request, bool replay);

    /// <summary>A page of messages of a topic.</summary>
    Task<MessagePage> ListMessagesAsync(MessageQuery query, int limit);

    /// <summary>One message.</summary>
    Task<MessageView> ShowMessageAsync(string topic, string position);

    /// <summary>Where a message came from and what became of it.</summary>
    Task<TraceView> TraceMessageAsync(string topic, string position);
}
