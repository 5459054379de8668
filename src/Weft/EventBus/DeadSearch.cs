using Weft.Flows;

namespace Weft.EventBus;

/// <summary>Goes through dead letters by subscription and position, a bounded stretch at a time.</summary>
internal static class DeadSearch
{
    // Each has its event in memory, so few at a time.
    private const int Page = 64;

    /// <summary>Looks at dead letters until there are none left, enough were found, or the budget is spent.</summary>
    /// <param name="subscriptions">Which, in the order in which they are gone through.</param>
    /// <param name="after">Where to begin: behind this position of the first subscription.</param>
    /// <param name="where">Which dead letters; null for all.</param>
    /// <param name="until">Only those that were dead at this time; null for all.</param>
    /// <param name="budget">How much may be looked at.</param>
    /// <param name="found">Called for each that is wanted; false when it was the last.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The subscription and the position that it ended at; null when there are none left.</returns>
    public static async Task<(SubscriptionInfo Subscription, long Position)?> RunAsync(
        IEnumerable<(IMessageLog Store, SubscriptionInfo Info)> subscriptions, long after, Where? where, DateTimeOffset? until, SearchBudget budget,
        Func<SubscriptionInfo, ParkedMessage, bool> found, CancellationToken cancellation)
    {
        foreach (var (store, info) in subscriptions)
        {
            while (true)
            {
                var page = await store.ReadParkedAsync(info.Name, new(ParkedState.Dead, After: after, Limit: Page), cancellation).ConfigureAwait(false);
                foreach (var dead in page)
                {
                    budget.Count(dead.Message);
                    after = dead.Position;
                    bool wanted = (until is null || dead.LastAt <= until) && (where is null || where.Holds(info.Name, dead));
                    if ((wanted && !found(info, dead)) || budget.IsSpent)
                        return (info, after);
                }
                if (page.Count < Page)
                    break;
            }
            after = 0;
        }
        return null;
    }
}
