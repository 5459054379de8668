using System.Text.Json;
using Weft.AspNetCore.Endpoints;
using Weft.Calls;
using Weft.Options;
using Weft.Yaml;

namespace Weft.Server.Explain;

/// <summary>A number of a policy.</summary>
/// <param name="Key">Its key, such as <c>retry.max</c>.</param>
/// <param name="Value">Its value, as the file would write it.</param>
/// <param name="From">Where it is written, or <c>built in</c>.</param>
internal sealed record PolicyNumber(string Key, string Value, string From);

/// <summary>What a policy does.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Extends">The policies whose values it begins with, the nearest first.</param>
/// <param name="Services">The services that it protects.</param>
/// <param name="Steps">What it does, in this order.</param>
/// <param name="Numbers">Every number.</param>
internal sealed record PolicyExplanation(string Policy, IReadOnlyList<string> Extends, IReadOnlyList<string> Services, IReadOnlyList<StepText> Steps, IReadOnlyList<PolicyNumber> Numbers)
{
    /// <summary>How it stands in the running instance; null when that was not asked.</summary>
    public IReadOnlyList<ServiceView>? Live { get; init; }

    /// <summary>Explains a policy.</summary>
    /// <exception cref="CommandException">There is none of that name.</exception>
    public static PolicyExplanation Of(WeftOptions options, ReadResult places, string name)
    {
        if (!IsPolicy(options, name) && options.Services.TryGetValue(name, out var service))
            name = service.Policy ?? PolicyOptions.StandardName;
        if (!IsPolicy(options, name))
            throw CommandException.Usage($"The file has no policy '{name}'. It has: {string.Join(", ", options.Policies.Keys.Concat([PolicyOptions.StandardName, PolicyOptions.NoneName]).Distinct())}.");
        var policy = options.PolicyOf(name);
        var chain = Chain(options, name);
        return new(
            name,
            [.. chain.Skip(1)],
            [.. options.Services.Where(s => (s.Value.Policy ?? PolicyOptions.StandardName) == name).Select(s => s.Key)],
            [.. CallOrder.Of(policy).Select(s => new StepText(s.Name, s.Sentence))],
            [.. Leaves(policy).Select(leaf => new PolicyNumber(string.Join('.', leaf.Path), leaf.Value, From(options, chain, places, leaf.Path)))]);
    }

    public void Write(Terminal terminal, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(this, ExplainJson.Default.PolicyExplanation));
            return;
        }
        terminal.Out.WriteLine($"Policy {Policy}{(Extends.Count == 0 ? "" : $", which extends {string.Join(", which extends ", Extends)}")}. "
            + (Services.Count == 0 ? "No service uses it." : $"Protects the calls to {string.Join(", ", Services)}."));
        Explanations.WriteSteps(terminal, Steps);
        if (Live is not null)
        {
            WriteLive(terminal, Live);
            return;
        }
        terminal.Out.WriteLine();
        terminal.WriteTable(["KEY", "VALUE", "FROM"], Numbers.Select(n => (string[])[n.Key, n.Value, n.From]));
    }

    private static void WriteLive(Terminal terminal, IReadOnlyList<ServiceView> services)
    {
        terminal.Out.WriteLine();
        if (services.Count == 0)
            terminal.Out.WriteLine("No service of the running instance uses it.");
        terminal.WriteTable(["SERVICE", "RUNNING", "WAITING", "LIMIT", "REJECTED", "REPEATED", "NOT REPEATED", "BUDGET LEFT"], services.Select(s => (string[])
            [s.Name, Text(s.Running), Text(s.Waiting), s.Limit is { } limit ? Text(limit) : "none", Text(s.Rejected), Text(s.Repeated), NotRepeated(s), s.RepeatsLeft.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)]));
        var breakers = services.SelectMany(s => s.Instances.Select(i => (s.Name, i.Id, i.InFlight, i.Attempts, i.Failures, i.State, i.Why, i.ReturnsIn, Breaker: i.Breaker ?? s.Breaker))).ToArray();
        terminal.Out.WriteLine();
        terminal.WriteTable(["SERVICE", "INSTANCE", "IN FLIGHT", "ATTEMPTS", "FAILED", "BREAKER", "FOR", "OPENED", "PASSED OVER", "TRY AGAIN IN"], breakers.Select(b => (string[])
            [b.Name, b.Id, Text(b.InFlight), Text(b.Attempts), Text(b.Failures), b.Breaker is null ? "" : b.Breaker.Mode == "auto" ? b.Breaker.State : $"{b.Breaker.State} ({b.Breaker.Mode})",
            b.Breaker is null ? "" : Time(b.Breaker.Since), b.Breaker is null ? "" : Text(b.Breaker.Openings), Text(b.Breaker?.Rejected ?? 0), b.Breaker?.RetryAfter is { } after ? Time(after) : ""]));
        foreach (var (service, id, _, _, _, state, why, after, _) in breakers.Where(b => b.State is not ("ready" or "open")))
            terminal.Out.WriteLine($"{service} {id} is {state}: {why}{(after is { } wait ? $", for another {Time(wait)}" : "")}.");
        foreach (var service in services.Where(s => s.IgnoresHealth && !s.IgnoresBreakers))
            terminal.Out.WriteLine($"{service.Name}: so few instances can be called that health checks and ejections are not heeded (balance.panicBelow).");
        foreach (var service in services.Where(s => s.IgnoresBreakers))
            terminal.Out.WriteLine($"{service.Name}: no breaker lets a call pass, so calls are sent all the same. With scope: service they would be rejected.");
        var timeouts = services.SelectMany(s => s.Timeouts.Select(t => (s.Name, Timeout: t))).ToArray();
        if (timeouts.Length == 0)
            return;
        terminal.Out.WriteLine();
        terminal.WriteTable(["SERVICE", "CALLED BY", "TIMEOUT", "PERCENTILE", "SAMPLES", "WHY"], timeouts.Select(t => (string[])
            [t.Name, t.Timeout.Operation, t.Timeout.Seconds is { } time ? Time(time) : "none", t.Timeout.Percentile is { } p ? Time(p) : "", Text(t.Timeout.Samples), t.Timeout.Reason]));
    }

    private static string NotRepeated(ServiceView service) => string.Join(", ", service.NotRepeated.OrderByDescending(r => r.Value).Select(r => $"{r.Value} {r.Key}"));

    // Three digits of what is short, tenths of a second of the rest.
    private static string Time(double seconds) => seconds.ToString(seconds < 1 ? "0.###" : "0.#", System.Globalization.CultureInfo.InvariantCulture) + " s";

    private static string Text(IFormattable number) => number.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture);

    private static bool IsPolicy(WeftOptions options, string name) =>
        name is PolicyOptions.StandardName or PolicyOptions.NoneName || options.Policies.ContainsKey(name);

    private static List<string> Chain(WeftOptions options, string name)
    {
        List<string> chain = [name];
        while (options.Policies.TryGetValue(chain[^1], out var policy))
        {
            var next = policy.Extends ?? PolicyOptions.StandardName;
            if (chain.Contains(next))
                break;
            chain.Add(next);
        }
        return chain;
    }

    private static string From(WeftOptions options, List<string> chain, ReadResult places, IReadOnlyList<string> path)
    {
        for (var i = 0; i < chain.Count; i++)
        {
            var place = places.PlaceOf(["policies", chain[i], .. path]);
            // A short form, such as timeout: 800ms, stands for the keys that it changed.
            if (place is null && path.Count > 1 && IsChanged(options, chain, i, path))
                place = places.PlaceOf(["policies", chain[i], .. path.SkipLast(1)]);
            if (place is not null)
                return $"{Path.GetRelativePath(Environment.CurrentDirectory, place.File)}:{place.Line}{(i == 0 ? "" : $" ({chain[i]})")}";
        }
        return "built in";
    }

    private static bool IsChanged(WeftOptions options, List<string> chain, int place, IReadOnlyList<string> path)
    {
        var before = place + 1 < chain.Count ? options.PolicyOf(chain[place + 1]) : new PolicyOptions();
        return Value(options.PolicyOf(chain[place])) != Value(before);

        string? Value(PolicyOptions policy) => Leaves(policy).FirstOrDefault(l => l.Path.SequenceEqual(path)).Value;
    }

    // As the file would write it, leaf by leaf.
    private static IEnumerable<(IReadOnlyList<string> Path, string Value)> Leaves(PolicyOptions policy)
    {
        using var json = JsonDocument.Parse(OptionsJson.Write(new WeftOptions { Policies = [new("x", policy with { Extends = null })] }));
        return [.. Leaves(json.RootElement.GetProperty("policies").GetProperty("x"), []).Where(l => IsInForce(policy, l.Path))];
    }

    // What a fixed timeout and a bulkhead without limit leave out.
    private static bool IsInForce(PolicyOptions policy, IReadOnlyList<string> path) => path switch
    {
        ["timeout", not "fixed"] => policy.Timeout.Fixed is null,
        ["bulkhead", not "max"] => policy.Bulkhead.Max > 0 && (path[1] != "min" || policy.Bulkhead.Adaptive != AdaptiveLimitMode.Off),
        ["retry", not "max"] => policy.Retry.Max > 0,
        ["breaker", "minimum" or "window"] => policy.Breaker.Ratio is not null || policy.Breaker.Slow is not null,
        _ => true,
    };

    private static IEnumerable<(IReadOnlyList<string> Path, string Value)> Leaves(JsonElement element, IReadOnlyList<string> path) =>
        element.ValueKind == JsonValueKind.Object
            ? element.EnumerateObject().SelectMany(p => Leaves(p.Value, [.. path, p.Name]))
            : [(path, Text(element))];

    private static string Text(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => $"[{string.Join(", ", element.EnumerateArray().Select(Text))}]",
        JsonValueKind.Object => $"{{ {string.Join(", ", element.EnumerateObject().Select(p => $"{p.Name}: {Text(p.Value)}"))} }}",
        JsonValueKind.String => element.GetString()!,
        _ => element.GetRawText(),
    };
}
