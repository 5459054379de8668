using System.Globalization;
using System.Text;
using Weft.Diagnostics;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Limits;

/// <summary>
/// A limit on a route: finds the key of a request, has it counted, and says in the answer what is left (RateLimit and RateLimit-Policy,
/// draft-ietf-httpapi-ratelimit-headers-10) or, to a request that is refused, when to come again. Safe for use from many threads.
/// </summary>
internal sealed class LimitStep
{
    private const int MaxKey = 512; // Characters: a longer key is cut and its hash added, so that it stays itself.

    private readonly ILimitCounters _counters;
    private readonly LimitOptions _options;
    private readonly RuleSet? _rules;
    private readonly RequestSlots? _slots;
    private readonly string _policy;
    private readonly string _quoted;
    private readonly KeyValuePair<string, object?> _limit;

    /// <exception cref="ArgumentException">The key is wrong.</exception>
    public LimitStep(string name, LimitOptions options, OptionsMap<string> vars, ILimitCounters counters)
    {
        (Name, _options, _counters) = (name, options, counters);
        _quoted = $"\"{name}\"";
        _policy = Policy(_quoted, options);
        _limit = new("limit", name);
        if (options.Key is null)
            return;
        _rules = new RuleSet(Places.Caller, CelLimits.Default, vars);
        _rules.Require(options.Key, $"limits.{name}.key");
        _slots = new RequestSlots(_rules.Slots);
    }

    /// <summary>The name under <c>limits</c>.</summary>
    public string Name { get; }

    /// <summary>What it allows, for people.</summary>
    public string Sentence => (_options.Algorithm switch
    {
        LimitAlgorithm.SlidingWindow => string.Create(CultureInfo.InvariantCulture, $"Lets {_options.Max} requests through in {_options.Window!.Value.TotalSeconds:0.###} s"),
        LimitAlgorithm.Concurrency => string.Create(CultureInfo.InvariantCulture, $"Lets {_options.Max} requests run at once"),
        _ => string.Create(CultureInfo.InvariantCulture, $"Lets {_options.Rate:0.####} requests a second through, {Burst(_options)} at once"),
    }) + (_options.Key is null ? ", all together (limit " : $", for each {_options.Key} (limit ") + Name + ").";

    /// <summary>How many may come at once.</summary>
    public static int Burst(LimitOptions options) => options.Burst ?? Math.Max(1, (int)Math.Ceiling(options.Rate ?? 1));

    /// <summary>Counts the request; a problem when it is one too many.</summary>
    public ValueTask<Problem?> RunAsync(GatewayExchange exchange)
    {
        Span<char> room = stackalloc char[MaxKey];
        var key = room[..KeyOf(exchange, room)];
        var taking = _counters.TakeAsync(Name, _options, key, exchange.Context.RequestAborted);
        if (_options.Algorithm != LimitAlgorithm.Concurrency && taking.IsCompletedSuccessfully)
            return new(Told(exchange, taking.Result));
        return AwaitAsync(exchange, taking, key.ToString());
    }

    private async ValueTask<Problem?> AwaitAsync(GatewayExchange exchange, ValueTask<LimitAnswer> taking, string key)
    {
        var answer = await taking.ConfigureAwait(false);
        if (answer.IsAdmitted && _options.Algorithm == LimitAlgorithm.Concurrency)
            exchange.AtEnd(() => _counters.Release(Name, key));
        return Told(exchange, answer);
    }

    private Problem? Told(GatewayExchange exchange, in LimitAnswer answer)
    {
        var headers = exchange.Context.Response.Headers;
        var policy = headers["RateLimit-Policy"];
        headers["RateLimit-Policy"] = policy.Count == 0 ? _policy : $"{policy}, {_policy}";
        string left = string.Create(CultureInfo.InvariantCulture, $"{_quoted};r={answer.Remaining};t={Seconds(answer.Reset)}");
        headers["RateLimit"] = policy.Count == 0 ? left : $"{headers["RateLimit"]}, {left}";
        if (answer.IsAdmitted)
            return null;
        headers.RetryAfter = Math.Max(1, Seconds(answer.RetryAfter)).ToString(CultureInfo.InvariantCulture);
        WeftMeter.LimitedRequests.Add(1, _limit);
        return ProblemKind.Limited.Plain;
    }

    // A key without a value is empty: those requests share one count, so leaving a key out gains nothing.
    private int KeyOf(GatewayExchange exchange, Span<char> room)
    {
        if (_rules is null)
            return 0;
        var frame = _rules.Rent();
        try
        {
            _slots!.Fill(new RequestView(exchange.Context), default, frame);
            var value = _rules.Evaluate(0, frame);
            if (value.Kind == CelKind.String && Encoding.UTF8.TryGetChars(value.AsSpan, room, out int written))
                return written;
            if (EventKey.Text(value) is not { } text)
                return 0;
            if (text.Length > room.Length)
                text = string.Concat(text.AsSpan(0, 256), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text))));
            text.CopyTo(room);
            return text.Length;
        }
        finally
        {
            _rules.Return(frame);
        }
    }

    private static string Policy(string quoted, LimitOptions options) => options.Algorithm switch
    {
        LimitAlgorithm.SlidingWindow => string.Create(CultureInfo.InvariantCulture, $"{quoted};q={options.Max};w={Seconds(options.Window!.Value)}"),
        LimitAlgorithm.Concurrency => string.Create(CultureInfo.InvariantCulture, $"{quoted};q={options.Max};qu=\"concurrent-requests\""),
        // The time in which the whole quota comes back.
        _ => string.Create(CultureInfo.InvariantCulture, $"{quoted};q={Burst(options)};w={Math.Max(1, Seconds(TimeSpan.FromSeconds(Burst(options) / (options.Rate ?? 1))))}"),
    };

    private static long Seconds(TimeSpan time) => (long)Math.Ceiling(time.TotalSeconds);
}
