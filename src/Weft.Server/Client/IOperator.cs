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
    Task<DeadPage> ListDeadAsync(string subscription, string? after, int limit);

    /// <summary>One dead letter.</summary>
    Task<DeadView> ShowDeadAsync(string subscription, string position);

    /// <summary>Replays or discards dead letters.</summary>
    Task<DeadResult> ChangeDeadAsync(DeadRequest request, bool replay);
}
