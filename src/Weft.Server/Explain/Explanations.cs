using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server.Explain;

/// <summary>A step of a lane: its one-word name, and what it does.</summary>
internal sealed record StepText(string Name, string Sentence);

/// <summary>Why a route takes a request, or does not.</summary>
internal sealed record RouteVerdict(string Route, bool Takes, string Why);

/// <summary>Where a request goes.</summary>
/// <param name="Request">The request.</param>
/// <param name="Route">The route that takes it; null when none does.</param>
/// <param name="Verdicts">What each route says to it.</param>
/// <param name="Steps">What is done with it, in this order.</param>
internal sealed record RouteExplanation(string Request, string? Route, IReadOnlyList<RouteVerdict> Verdicts, IReadOnlyList<StepText> Steps)
{
    public void Write(Terminal terminal, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(this, ExplainJson.Default.RouteExplanation));
            return;
        }
        terminal.Out.WriteLine(Route is null ? $"{Request} is taken by no route." : $"{Request} is taken by {Route}.");
        terminal.Out.WriteLine();
        terminal.WriteTable(["ROUTE", "TAKES IT", "WHY"], Verdicts.Select(v => (string[])[v.Route, v.Takes ? "yes" : "no", v.Why]));
        Explanations.WriteSteps(terminal, Steps);
    }
}

/// <summary>What a topic does with an event.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Key">The key of the event there; null when it has none.</param>
/// <param name="KeyExpression">How the key is found.</param>
/// <param name="Subscriptions">Those that get it.</param>
/// <param name="Skipped">Those whose condition it does not meet, each with why.</param>
internal sealed record TopicVerdict(string Topic, string? Key, string KeyExpression, IReadOnlyList<string> Subscriptions, IReadOnlyList<string> Skipped);

/// <summary>Where an event goes.</summary>
internal sealed partial record EventExplanation(string Event, IReadOnlyList<TopicVerdict> Topics)
{
    public void Write(Terminal terminal, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(this, ExplainJson.Default.EventExplanation));
            return;
        }
        terminal.Out.WriteLine(Event);
        terminal.Out.WriteLine();
        terminal.WriteTable(["TOPIC", "KEY", "DELIVERED TO", "NOT TO"], Topics.Select(t => (string[])
            [t.Topic, t.Key is null ? $"none ({t.KeyExpression} has no value): no order" : $"{t.Key} ({t.KeyExpression})", t.Subscriptions.Count == 0 ? "nobody" : string.Join(", ", t.Subscriptions), string.Join(", ", t.Skipped)]));
    }
}

/// <summary>What a subscription does.</summary>
internal sealed partial record FlowExplanation(string Flow, IReadOnlyList<StepText> Steps)
{
    public void Write(Terminal terminal, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(this, ExplainJson.Default.FlowExplanation));
            return;
        }
        terminal.Out.WriteLine($"Subscription {Flow}");
        Explanations.WriteSteps(terminal, Steps);
    }
}

/// <summary>What explanations share.</summary>
internal static class Explanations
{
    public static void WriteSteps(Terminal terminal, IReadOnlyList<StepText> steps)
    {
        if (steps.Count == 0)
            return;
        terminal.Out.WriteLine();
        terminal.WriteTable(["STEP", "", "WHAT IT DOES"], steps.Select((s, i) => (string[])[$"{i + 1}", s.Name, s.Sentence]));
    }
}

/// <summary>How explanations are written as JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(RouteExplanation))]
[JsonSerializable(typeof(EventExplanation))]
[JsonSerializable(typeof(FlowExplanation))]
[JsonSerializable(typeof(PolicyExplanation))]
[JsonSerializable(typeof(TestResult[]))]
internal sealed partial class ExplainJson : JsonSerializerContext;
