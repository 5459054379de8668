namespace Weft.Samples.Shop;

internal static class Kills
{
    /// <summary>
    /// An event that was under way in three crashes in a row is a dead letter, since it may be their cause. Who kills the services on purpose, again and
    /// again, says <c>--crashes 100</c>.
    /// </summary>
    public static WeftBuilder AcceptKills(this WeftBuilder weft, IConfiguration configuration)
    {
        int crashes = configuration.GetValue("crashes", 3);
        foreach (var (name, subscription) in weft.Options.Subscriptions)
            weft.Subscription(name, subscription with { Dead = subscription.Dead with { Crashes = crashes } });
        return weft;
    }
}
