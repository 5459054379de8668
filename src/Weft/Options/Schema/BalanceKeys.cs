using static Weft.Options.Schema.Forms;

namespace Weft.Options.Schema;

/// <summary>Which instance is called: <c>services.*.balance</c> and <c>services.*.health</c>.</summary>
internal static class BalanceKeys
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    public static Section<BalanceOptions> Balance { get; } = Section.Of(new BalanceOptions(), "how an instance is chosen")
        .Key("algorithm", new Optional<BalanceAlgorithm>(new Choice<BalanceAlgorithm>()), o => o.ConsistentHash is null ? o.Algorithm : null, (o, v) => o with { Algorithm = v!.Value },
            "The way to choose. All follow the weights.")
        .Key("consistentHash", new ExpressionText(ExpressionPlace.Request), o => o.ConsistentHash, (o, v) => o with { ConsistentHash = v },
            "Requests with the same value of this expression go to the same instance, as long as that has not too much to do. The body cannot be asked for.")
        .Key("bound", new Number(1.05, 100), o => o.Bound, (o, v) => o with { Bound = v },
            "With consistentHash: how many times its fair share of the running attempts an instance may have.", remedy: "The closer to 1, the more requests go elsewhere than to their instance; 1.25 is a good value.")
        .Key("zone", SystemName, o => o.Zone, (o, v) => o with { Zone = v },
            "Where this process is: instances of the same zone are preferred while enough of them can be called. That of the server when not said.")
        .Key("slowStart", new Duration(TimeSpan.Zero, s_hour), o => o.SlowStart, (o, v) => o with { SlowStart = v },
            "For how long the share of an instance grows that came back or joined, from a tenth to what it should have.")
        .Key("panicBelow", new Share(zeroAllowed: true), o => o.PanicBelow, (o, v) => o with { PanicBelow = v },
            "When a smaller share of the instances than this can be called, health is not heeded: it is likely that something else is wrong. 0% for never.")
        .ShortFor("algorithm")
        .Rivals("algorithm", "consistentHash")
        .Rule(BalanceRules.HashNeedsKey)
        .Rule(BalanceRules.BoundNeedsHash);

    public static Section<ActiveHealthOptions> Active { get; } = Section.Of(new ActiveHealthOptions(), "how instances are asked")
        .Key("path", ServicePath, o => o.Path, (o, v) => o with { Path = v },
            "What is asked with GET, below the base address of the instance. A status of 200 to 299 says well.")
        .Key("every", new Duration(TimeSpan.FromMilliseconds(100), s_hour), o => o.Every, (o, v) => o with { Every = v },
            "How often each instance is asked, up to a tenth sooner or later.")
        .Key("timeout", new Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10)), o => o.Timeout, (o, v) => o with { Timeout = v },
            "An answer that takes longer says not well.")
        .Key("up", new Integer(1, 100), o => o.Up, (o, v) => o with { Up = v },
            "After so many good answers in a row an instance that was out is used again.")
        .Key("down", new Integer(1, 100), o => o.Down, (o, v) => o with { Down = v },
            "After so many bad answers in a row it is out.")
        .ShortFor("path")
        .OffWith(_ => null)
        .Rule(BalanceRules.TimeoutWithinEvery);

    public static Section<OutlierOptions> Outlier { get; } = Section.Of(new OutlierOptions(), "when an instance is taken out whose calls fail")
        .Key("consecutive5xx", new Integer(1, 10_000), o => o.Consecutive5xx, (o, v) => o with { Consecutive5xx = v },
            "Failures in a row after which an instance is out: 5xx, no answer in time, no connection. Callers that went away do not count.", remedy: "To take nothing out, write outlier: off.")
        .Key("eject", new Duration(TimeSpan.FromMilliseconds(100), s_hour), o => o.Eject, (o, v) => o with { Eject = v },
            "For how long the first time; as much longer each time more, up to 300s.")
        .Key("maxEjected", new Share(zeroAllowed: false), o => o.MaxEjected, (o, v) => o with { MaxEjected = v },
            "The largest share of the instances that may be out at once. One of several always may.", remedy: "To take nothing out, write outlier: off.")
        .ShortFor("consecutive5xx")
        .OffWith(_ => null);

    public static Section<HealthOptions> Health { get; } = Section.Of(new HealthOptions(), "how instances are watched")
        .Key("active", Active, o => o.Active, (o, v) => o with { Active = v },
            "Asks each instance how it is.")
        .Key("outlier", Outlier, o => o.Outlier, (o, v) => o with { Outlier = v },
            "Takes an instance out for a time whose calls fail.");
}
