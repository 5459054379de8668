using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.AspNetCore.Endpoints;

// What the admin API says and takes. Positions are strings, because JSON numbers lose digits above 2^53 in many clients.

/// <summary>A subscription as an operator sees it.</summary>
internal sealed record SubscriptionView(
    string Name, string Topic, string State, string? Reason, string Position, string Head,
    long Waiting, long Retrying, long Behind, long Dead, DateTimeOffset UpdatedAt)
{
    /// <summary>Events since the start for which its condition had no value; left out when there were none.</summary>
    public RuleErrorsView? RuleErrors { get; init; }
}

/// <summary>Errors of a condition: how many since the start, and the last one.</summary>
internal sealed record RuleErrorsView(long Count, DateTimeOffset LastAt, string Position, string EventId, string Error);

/// <summary>A service: its policy at work. Times are in seconds.</summary>
internal sealed record ServiceView(
    string Name, string Policy, int Running, int Waiting, int? Limit, long Rejected, double RepeatsLeft, BreakerView? Breaker,
    IReadOnlyList<InstanceView> Instances, IReadOnlyList<TimeoutView> Timeouts)
{
    /// <summary>Repeats since the process started.</summary>
    public long Repeated { get; init; }

    /// <summary>Repeats that were not made, by reason.</summary>
    public IReadOnlyDictionary<string, long> NotRepeated { get; init; } = new Dictionary<string, long>();

    /// <summary>How an instance is chosen.</summary>
    public string Balance { get; init; } = "";

    /// <summary>True while so few instances can be called that health checks and ejections are not heeded.</summary>
    public bool IgnoresHealth { get; init; }

    /// <summary>True while so many instances are open that attempts are sent all the same.</summary>
    public bool IgnoresBreakers { get; init; }
}

/// <summary>An instance of a service.</summary>
internal sealed record InstanceView(string Id, long InFlight, long Attempts, long Failures, BreakerView? Breaker)
{
    /// <summary>Whether it is called: <c>ready</c>, <c>warming</c>, <c>open</c>, <c>ejected</c>, <c>failing-probes</c> or <c>draining</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>What led to that; left out when nothing needs saying.</summary>
    public string? Why { get; init; }

    /// <summary>When it ends by itself, in seconds; left out when it does not, or nobody knows.</summary>
    public double? ReturnsIn { get; init; }

    /// <summary>The weight that it has now; less than what was said while it warms up.</summary>
    public double Weight { get; init; }

    /// <summary>Where it is; left out when nobody says.</summary>
    public string? Zone { get; init; }

    /// <summary>How often it was taken out because of its calls, less what good times have taken off.</summary>
    public int Ejections { get; init; }
}

/// <summary>A circuit breaker: <c>closed</c>, <c>open</c> or <c>half-open</c>.</summary>
internal sealed record BreakerView(string State, string Mode, double Since, int Failures, int Openings, long Rejected, double? RetryAfter);

/// <summary>The timeout of the attempts of one operation, and the percentile that it follows; no timeout when <c>Seconds</c> is left out.</summary>
internal sealed record TimeoutView(string Operation, double? Seconds, double? Percentile, long Samples, string Reason);

/// <summary>What an operator makes of the breakers of a service: <c>auto</c>, <c>observe</c>, <c>forcedOpen</c> or <c>forcedClosed</c>.</summary>
internal sealed record BreakerRequest
{
    public string? Mode { get; init; }

    /// <summary>The instance; left out for all of them.</summary>
    public string? Instance { get; init; }
}

/// <summary>What became of the breakers of a service, or of one of its instances.</summary>
internal sealed record BreakerResult(string Service, string? Instance, string Mode);

/// <summary>A topic.</summary>
internal sealed record TopicView(string Name, string Head, string Key, string Durability, string Keep);

/// <summary>Where to go on reading: <c>new</c>, <c>beginning</c> or an RFC 3339 time.</summary>
internal sealed record SeekRequest(string? To);

/// <summary>What a change of a subscription did.</summary>
internal sealed record ChangeResult(string Subscription, string Result);

/// <summary>What is in force.</summary>
internal sealed record ConfigView(int Revision, DateTimeOffset AppliedAt, string? PendingError, JsonElement Options);

/// <summary>An entry of <c>auth</c> that routes use.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Asks">What it asks of a caller.</param>
/// <param name="Keys">The keys of its issuer; left out for entries without one.</param>
internal sealed record AuthView(string Name, string Asks, KeySetView? Keys);

/// <summary>The keys of an issuer: when they were read, their names, and why the last reading failed. <c>Tokens</c> are remembered as verified.</summary>
internal sealed record KeySetView(string Issuer, DateTimeOffset? ReadAt, IReadOnlyList<string> Kids, string? Error, int Tokens);

/// <summary>How the process is.</summary>
internal sealed record HealthView(string Status, int Revision, string? PendingError, IReadOnlyList<PartView> Parts);

/// <summary>How a part of the process is.</summary>
/// <param name="Name">The part: <c>runtime</c>, or <c>connections.NAME</c>.</param>
/// <param name="Ready">Whether it can be used.</param>
/// <param name="Reason">Why not.</param>
internal sealed record PartView(string Name, bool Ready, string? Reason);

/// <summary>How all of it is written as JSON.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IReadOnlyList<ServiceView>))]
[JsonSerializable(typeof(BreakerRequest))]
[JsonSerializable(typeof(BreakerResult))]
[JsonSerializable(typeof(IReadOnlyList<SubscriptionView>))]
[JsonSerializable(typeof(IReadOnlyList<TopicView>))]
[JsonSerializable(typeof(IReadOnlyList<AuthView>))]
[JsonSerializable(typeof(DeadPage))]
[JsonSerializable(typeof(DeadView))]
[JsonSerializable(typeof(DeadRequest))]
[JsonSerializable(typeof(DeadResult))]
[JsonSerializable(typeof(DeadGroups))]
[JsonSerializable(typeof(DeadEdit))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(TraceView))]
[JsonSerializable(typeof(SeekRequest))]
[JsonSerializable(typeof(ChangeResult))]
[JsonSerializable(typeof(ConfigView))]
[JsonSerializable(typeof(HealthView))]
internal sealed partial class AdminJson : JsonSerializerContext;
