using System.Text;
using Weft.EventBus;
using Weft.Messages;
using Weft.Options;

namespace Weft.Server.Explain;

internal sealed partial record EventExplanation
{
    /// <summary>Explains the event in a file.</summary>
    /// <exception cref="CommandException">The file holds no event, or there is no such topic.</exception>
    public static EventExplanation Of(WeftOptions options, string file, string? topic)
    {
        if (topic is not null && !options.Topics.ContainsKey(topic))
            throw CommandException.Usage($"The file has no topic '{topic}'. It has: {options.Topics}.");
        var message = Read(file);
        return new(
            $"Event {message.Id} of type {message.Type} from {message.Source}",
            [.. options.Topics.Where(t => t.Value.Enabled && (topic is null || t.Key == topic)).Select(t => Verdict(options, t.Key, t.Value, message))]);
    }

    private static Message Read(string file)
    {
        var json = JsonFile.Read(file);
        using (JsonFile.Parse(file, json))
            return CloudEventHttp.TryReadStructured(json.Span, out var message, out var error)
            ? message
            : throw new CommandException(ExitCode.Failed, $"{file} holds no CloudEvent: {error}");
    }

    /// <summary>Which key an event has in a topic, who gets it, and why the others do not.</summary>
    public static (string? Key, IReadOnlyList<string> Delivered, IReadOnlyList<(string Name, string Why)> Refused) VerdictOf(WeftOptions options, string topic, Message message)
    {
        var key = new TopicKey(topic, options.Topics[topic].Key, options).Of(message);
        var subscriptions = options.Subscriptions.Where(s => s.Value.Enabled && s.Value.From == topic).Select(s => (Name: s.Key, Why: Refusal(s.Key, s.Value, message, options))).ToArray();
        return (key.IsEmpty ? null : Encoding.UTF8.GetString(key.Span), [.. subscriptions.Where(s => s.Why is null).Select(s => s.Name)], [.. subscriptions.Where(s => s.Why is not null).Select(s => (s.Name, s.Why!))]);
    }

    private static TopicVerdict Verdict(WeftOptions options, string name, TopicOptions topic, Message message)
    {
        var (key, delivered, refused) = VerdictOf(options, name, message);
        return new(name, key, topic.Key, delivered, [.. refused.Select(r => $"{r.Name} ({r.Why})")]);
    }

    /// <summary>Why a subscription does not get the event; null when it does.</summary>
    private static string? Refusal(string name, SubscriptionOptions subscription, Message message, WeftOptions options)
    {
        if (subscription.When is not { } when)
            return null;
        var condition = new Condition(name, when, options).Evaluate(message);
        return condition.IsTrue ? null : condition.IsFalse ? $"{when} is false" : $"{when} has no value: {condition.Error?.Message ?? "it is neither true nor false"}";
    }
}
