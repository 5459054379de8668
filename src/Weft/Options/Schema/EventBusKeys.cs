using static Weft.Options.Schema.Forms;

namespace Weft.Options.Schema;

/// <summary>The flow lane: topics and subscriptions.</summary>
internal static class EventBusKeys
{
    private static readonly Duration s_wait = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));

    public static IEnumerable<(string Name, bool Enabled)> TopicNames(WeftOptions options) => options.Topics.Select(t => (t.Key, t.Value.Enabled));

    public static Section<AcceptOptions> Accept { get; } = Section.Of(new AcceptOptions(), "who may publish")
        .Key("auth", new RouteAuthShape(),
            o => o.Auth, (o, v) => o with { Auth = v },
            "Who may publish.")
        .Key("maxBody", new Size(1, 1L << 30), o => o.MaxBody, (o, v) => o with { MaxBody = v },
            "The largest request body.")
        .Rule(OptionsRules.AcceptHasAuth);

    public static Section<KeepOptions> Keep { get; } = Section.Of(new KeepOptions(), "how long events are kept")
        .Key("for", new Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650)), o => o.For, (o, v) => o with { For = v },
            "How long, counted from when they were published.")
        .Key("behind", new Choice<KeepBehind>(), o => o.Behind, (o, v) => o with { Behind = v },
            "What happens to older ones that a subscription has not passed: keep, or drop, and the subscription goes on behind them.")
        .ShortFor("for");

    public static Section<TopicOptions> Topic { get; } = Section.Of(new TopicOptions(), "a topic")
        .Key("store", new NameOf("connections", o => o.Connections.Select(c => (c.Key, true))), o => o.Store, (o, v) => o with { Store = v },
            "The connection that keeps its events; may be left out when there is exactly one.")
        .Key("key", new ExpressionText(ExpressionPlace.Event), o => o.Key, (o, v) => o with { Key = v },
            "What events must share to be delivered in order: an expression over the event. An event for which it has no value has no order.")
        .Key("keep", Keep, o => o.Keep, (o, v) => o with { Keep = v },
            "How long events are kept.")
        .Key("dedupe", new Optional<TimeSpan>(new Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30))), o => o.Dedupe, (o, v) => o with { Dedupe = v },
            "For how long an event is remembered by its source and id, so that publishing it again stores nothing; every event is stored when not said.")
        .Key("accept", Accept, o => o.Accept, (o, v) => o with { Accept = v },
            "Who may publish from outside, with POST /topics/NAME; nobody when not said.")
        .Switch(o => o.Enabled, (o, v) => o with { Enabled = v })
        .Later("contracts of messages", "contract")
        .Rule(OptionsRules.TopicHasStore);

    public static Section<PushOptions> Push { get; } = Section.Of(new PushOptions(), "where to deliver over HTTP")
        .Key("service", new NameOf("services", o => o.Services.Select(s => (s.Key, s.Value.Enabled))), o => o.Service, (o, v) => o with { Service = v },
            "The service that gets the events.", required: true)
        .Key("path", ServicePath, o => o.Path, (o, v) => o with { Path = v },
            "The path on the service.");

    public static Section<DeliveryRetryOptions> DeliveryRetry { get; } = Section.Of(new DeliveryRetryOptions(), "what follows a failed delivery")
        .Key("now", new Integer(0, 10), o => o.Now, (o, v) => o with { Now = v },
            "Tries made at once, before the first wait.", remedy: "Tries after a wait are limited by 'for'.")
        .Key("for", new Duration(TimeSpan.Zero, TimeSpan.FromDays(365)), o => o.For, (o, v) => o with { For = v },
            "How long after the first failure the last try may start; then the event is dead.")
        .Key("base", s_wait, o => o.Base, (o, v) => o with { Base = v },
            "The first wait; each one after it is twice as long.")
        .Key("cap", new Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1)), o => o.Cap, (o, v) => o with { Cap = v },
            "The longest wait.")
        .Rule(OptionsRules.CapNotBelowBase);

    public static Section<PushStatusOptions> PushStatus { get; } = Section.Of(new PushStatusOptions(), "what statuses mean")
        .Key("dead", new ListOf<int>(new Integer(300, 599), 100), o => o.Dead, (o, v) => o with { Dead = v },
            "Statuses that no later try can mend: the event is dead at once.")
        .Key("pause", new ListOf<int>(new Integer(300, 599), 100), o => o.Pause, (o, v) => o with { Pause = v },
            "Statuses that speak of the subscriber and not of the event: the subscription pauses and spends no tries.")
        .Rule(OptionsRules.StatusOnce);

    public static Section<DeadLetterOptions> DeadLetter { get; } = Section.Of(new DeadLetterOptions(), "how dead letters are kept")
        .Key("keep", new Duration(TimeSpan.FromHours(1), TimeSpan.FromDays(3650)), o => o.Keep, (o, v) => o with { Keep = v },
            "How long dead letters are kept.")
        .Key("order", new Choice<DeadLetterOrder>(), o => o.Order, (o, v) => o with { Order = v },
            "What later events of the key of a dead letter do: continue, or hold until somebody has replayed or discarded it.")
        .Key("crashes", new Integer(2, 100), o => o.Crashes, (o, v) => o with { Crashes = v },
            "In how many crashes of the process in a row an event can have been under way before it is dead.");

    public static Section<SubscriptionOptions> Subscription { get; } = Section.Of(new SubscriptionOptions(), "a subscription")
        .Key("from", new NameOf("topics", TopicNames), o => o.From, (o, v) => o with { From = v },
            "The topic that it reads.", required: true)
        .Key("when", new ExpressionText(ExpressionPlace.Event, isCondition: true), o => o.When, (o, v) => o with { When = v },
            "Which events: a condition over the event. One for which it has no value, because a field is missing, is not delivered, and is counted.")
        .Key("push", Push, o => o.Push, (o, v) => o with { Push = v },
            "Delivers over HTTP, as CloudEvents in binary mode.")
        .Key("handler", new HandlerName(), o => o.Handler, (o, v) => o with { Handler = v },
            "Delivers to the C# handler of this name.")
        .Key("concurrency", new Integer(1, 1024), o => o.Concurrency, (o, v) => o with { Concurrency = v },
            "How many events are worked on at a time.")
        .Key("ordered", new Truth(), o => o.Ordered, (o, v) => o with { Ordered = v },
            "Whether events that share a topic key are delivered one after another.")
        .Key("retry", DeliveryRetry, o => o.Retry, (o, v) => o with { Retry = v },
            "What follows a failed delivery.")
        .Key("status", PushStatus, o => o.Status, (o, v) => o with { Status = v },
            "What the statuses of a push mean. 2xx is done; what is in neither list is tried again.")
        .Key("dead", DeadLetter, o => o.Dead, (o, v) => o with { Dead = v },
            "How dead letters are kept.")
        .Key("start", Start, o => o.Start, (o, v) => o with { Start = v },
            "Where a subscription begins that is new to the store.")
        .Switch(o => o.Enabled, (o, v) => o with { Enabled = v })
        .ExactlyOne("push", "handler");

    public static Section<TestOptions> Test { get; } = Section.Of(new TestOptions(), "a test: who gets an event")
        .Key("topic", new NameOf("topics", TopicNames), o => o.Topic, (o, v) => o with { Topic = v },
            "The topic that the event is published to.", required: true)
        .Key("given", new JsonTree(), o => o.Given, (o, v) => o with { Given = v },
            "The event: its attributes, and data. What is not said of id, source and type is filled in.")
        .Key("expect", new ListOf<string>(new NameOf("subscriptions", o => o.Subscriptions.Select(s => (s.Key, s.Value.Enabled))), 1000), o => o.Expect, (o, v) => o with { Expect = v },
            "The subscriptions that get it, and no other; an empty list for none.")
        .Key("key", new Text(), o => o.Key, (o, v) => o with { Key = v },
            "The key that the topic makes of it; any will do when not said.")
        .Later("tests of routers", "router")
        .Rule(OptionsRules.TestOfItsTopic);
}
