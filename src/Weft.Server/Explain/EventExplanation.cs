using System.Text;
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
        byte[] json;
        try
        {
            json = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"The event cannot be read: {e.Message}");
        }
        return CloudEventHttp.TryReadStructured(json, out var message, out var error)
            ? message
            : throw new CommandException(ExitCode.Failed, $"{file} holds no CloudEvent: {error}");
    }

    private static TopicVerdict Verdict(WeftOptions options, string name, TopicOptions topic, Message message)
    {
        string? key = MessagePath.TryCompile(topic.Key, out var path, out _) && path.TryRead(message, out var value) ? Encoding.UTF8.GetString(value.Span) : null;
        return new(name, key, topic.Key, [.. options.Subscriptions.Where(s => s.Value.Enabled && s.Value.From == name).Select(s => s.Key)]);
    }
}
