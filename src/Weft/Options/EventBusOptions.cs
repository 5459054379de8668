namespace Weft.Options;

/// <summary>A topic: a durable log of events that subscriptions read.</summary>
public sealed record TopicOptions
{
    /// <summary>The name under <c>connections</c> of the store that keeps it; null when there is exactly one.</summary>
    public string? Store { get; init; }

    /// <summary>
    /// What events must share to be delivered in order: an expression over the event such as <c>event.data.customerId</c> or
    /// <c>event.subject</c>. Default <c>event.partitionkey</c>. An event for which it has no value has no key and no order.
    /// </summary>
    public string Key { get; init; } = "event.partitionkey";

    /// <summary>How long events are kept. Default 7 days, and as long as a subscription has not passed them.</summary>
    public KeepOptions Keep { get; init; } = new();

    /// <summary>
    /// For how long an event is remembered, so that publishing it again stores nothing: by <c>source</c> and <c>id</c>, or by what the publisher
    /// says. 1 s to 30 days; null, the default, stores every event that is published.
    /// </summary>
    public TimeSpan? Dedupe { get; init; }

    /// <summary>Who may publish from outside, with <c>POST /topics/NAME</c>; null for nobody.</summary>
    public AcceptOptions? Accept { get; init; }

    /// <summary>False takes it out as if it were not written. Default true.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>How long the events of a topic are kept.</summary>
public sealed record KeepOptions
{
    /// <summary>The time since they were published. 1 min to 10 years, default 7 days.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromDays(7);

    /// <summary>What happens to events of that age that a subscription has not passed. Default <see cref="KeepBehind.Keep"/>.</summary>
    public KeepBehind Behind { get; init; }

    /// <summary>Events are kept for a time, and as long as a subscription has not passed them.</summary>
    public static implicit operator KeepOptions(TimeSpan time) => new() { For = time };
}

/// <summary>What happens to old events that a subscription has not passed.</summary>
public enum KeepBehind
{
    /// <summary>They are kept, however long that takes.</summary>
    Keep,

    /// <summary>
    /// They are dropped, and the subscription goes on behind them; that is logged and counted (<c>weft.flow.dropped</c>). What it has parked
    /// (to be tried again, dead) stays.
    /// </summary>
    Drop,
}

/// <summary>Who may publish to a topic from outside.</summary>
public sealed record AcceptOptions
{
    /// <summary><c>none</c> or a name under <c>auth</c>; null for the default.</summary>
    public RouteAuthOptions? Auth { get; init; }

    /// <summary>The largest request body in bytes. 1 to 1 GB, default 1 MB.</summary>
    public long MaxBody { get; init; } = 1L << 20;
}

/// <summary>A durable reader of a topic with its own cursor. Exactly one of <see cref="Push"/> and <see cref="Handler"/> is set.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>The name under <c>topics</c>.</summary>
    public string From { get; init; } = "";

    /// <summary>
    /// Which events: an expression over the event such as <c>event.type == 'OrderCreated'</c>; null for all. An event for which it has no value,
    /// because a field is missing, is not delivered; it is counted and the last one can be seen.
    /// </summary>
    public string? When { get; init; }

    /// <summary>Delivers over HTTP.</summary>
    public PushOptions? Push { get; init; }

    /// <summary>Delivers to the C# handler of this name.</summary>
    public string? Handler { get; init; }

    /// <summary>How many events are worked on at a time. 1 to 1024, default 16.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>Whether events that share a topic key are delivered one after another. Default true.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>What follows a failed delivery.</summary>
    public DeliveryRetryOptions Retry { get; init; } = new();

    /// <summary>What the statuses of a push mean.</summary>
    public PushStatusOptions Status { get; init; } = new();

    /// <summary>How dead letters are kept.</summary>
    public DeadLetterOptions Dead { get; init; } = new();

    /// <summary>Where a subscription begins that is new to the store: <c>new</c>, <c>beginning</c> or an RFC 3339 time. Default <c>new</c>.</summary>
    public string Start { get; init; } = "new";

    /// <summary>False takes it out as if it were not written. Default true.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>Delivery over HTTP, in CloudEvents binary mode with <c>Idempotency-Key</c> = event id.</summary>
public sealed record PushOptions
{
    /// <summary>The name under <c>services</c>.</summary>
    public string Service { get; init; } = "";

    /// <summary>The path on the service. Default <c>/</c>.</summary>
    public string Path { get; init; } = "/";
}

/// <summary>What follows a failed delivery. The n-th wait is <c>base</c> · 2ⁿ⁻¹ up to <c>cap</c>, lengthened at random by up to a fifth, and never shorter than a <c>Retry-After</c>.</summary>
public sealed record DeliveryRetryOptions
{
    /// <summary>Tries made at once, before the first wait. 0 to 10, default 2.</summary>
    public int Now { get; init; } = 2;

    /// <summary>How long after the first failure the last try may start; then the event is dead. 0 s to 365 days, default 24 h.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The first wait. 10 ms to 1 h, default 1 s.</summary>
    public TimeSpan Base { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait. 10 ms to 1 day, at least <see cref="Base"/>, default 5 min.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>What the statuses of a push mean. 2xx is done; what is in neither list is tried again.</summary>
public sealed record PushStatusOptions
{
    /// <summary>Statuses that no later try can mend: the event is dead at once. Default 400, 413, 415, 422.</summary>
    public OptionsList<int> Dead { get; init; } = [400, 413, 415, 422];

    /// <summary>Statuses that speak of the subscriber and not of the event: the subscription pauses and spends no attempts. Default 401, 403, 404.</summary>
    public OptionsList<int> Pause { get; init; } = [401, 403, 404];
}

/// <summary>How dead letters are kept.</summary>
public sealed record DeadLetterOptions
{
    /// <summary>How long dead letters are kept. 1 h to 10 years, default 30 days.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// What later events of the key of a dead letter do: <c>continue</c>, the default, or <c>hold</c>: they wait until somebody has replayed or
    /// discarded it, and it is kept until then, for whatever time.
    /// </summary>
    public DeadLetterOrder Order { get; init; }

    /// <summary>
    /// In how many crashes of the process in a row an event can have been under way before it is a dead letter with the reason <c>crash</c>.
    /// 2 to 100, default 3.
    /// </summary>
    public int Crashes { get; init; } = 3;
}

/// <summary>What later events of the key of a dead letter do.</summary>
public enum DeadLetterOrder : byte
{
    /// <summary>They go on.</summary>
    Continue,

    /// <summary>They wait until somebody has decided about it.</summary>
    Hold,
}

/// <summary>A test within the file: who gets an event, without any network.</summary>
public sealed record TestOptions
{
    /// <summary>The name under <c>topics</c> that the event is published to.</summary>
    public string Topic { get; init; } = "";

    /// <summary>
    /// The event as JSON, in the JSON format of CloudEvents. What is not said of <c>specversion</c>, <c>id</c>, <c>source</c> and <c>type</c> is filled in.
    /// </summary>
    public string Given { get; init; } = "{}";

    /// <summary>The subscriptions that get it, in any order; no other may.</summary>
    public OptionsList<string> Expect { get; init; } = [];

    /// <summary>The key that the topic makes of it, empty for none; null when any will do.</summary>
    public string? Key { get; init; }
}
