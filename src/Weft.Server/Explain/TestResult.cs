using System.Text.Json.Nodes;
using Weft.Messages;
using Weft.Options;

namespace Weft.Server.Explain;

/// <summary>What became of a test of the file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Findings">What is not as expected; empty when all is.</param>
internal sealed record TestResult(string Name, IReadOnlyList<string> Findings)
{
    /// <summary>Runs a test.</summary>
    public static TestResult Of(WeftOptions options, string name, TestOptions test)
    {
        var json = JsonNode.Parse(test.Given) as JsonObject ?? [];
        foreach (var (attribute, value) in (ReadOnlySpan<(string, string)>)[("specversion", "1.0"), ("id", name), ("source", "/test"), ("type", "test")])
        {
            if (!json.ContainsKey(attribute))
                json[attribute] = value;
        }
        if (!CloudEventHttp.TryReadStructured(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), out var message, out var error))
            return new(name, [$"tests.{name}.given is no CloudEvent: {error}"]);

        var verdict = EventExplanation.VerdictOf(options, test.Topic, message);
        var findings = new List<string>();
        findings.AddRange(verdict.Refused.Where(r => test.Expect.Contains(r.Name)).Select(r => $"{r.Name} should get it and does not: {r.Why}"));
        findings.AddRange(verdict.Delivered.Where(d => !test.Expect.Contains(d)).Select(d => $"{d} gets it and should not: {options.Subscriptions[d].When ?? "it has no 'when' and gets all events of the topic"}"));
        if (test.Key is { } key && key != (verdict.Key ?? ""))
            findings.Add($"its key is '{verdict.Key}' and should be '{key}': {options.Topics[test.Topic].Key}");
        return new(name, findings);
    }
}
