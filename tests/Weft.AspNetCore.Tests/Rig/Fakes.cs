using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Weft.EventBus;
using Weft.Messages;
using Weft.Options;

namespace Weft.AspNetCore.Tests.Rig;

internal sealed class FakePublisher : IPublisher
{
    public EventFactory Events => throw new NotSupportedException();

    public ConcurrentQueue<(string Topic, Message Message)> Published { get; } = [];

    public Exception? Failure { get; set; }

    /// <summary>What a publish waits for before it is durable.</summary>
    public Task Durable { get; set; } = Task.CompletedTask;

    public async ValueTask<long> PublishAsync(string topic, Message message, CancellationToken cancellation = default)
    {
        await Durable;
        if (Failure is not null)
            throw Failure;
        Published.Enqueue((topic, message));
        return Published.Count;
    }

    public ValueTask<long> PublishAsync(string topic, Message message, PublishSettings options, CancellationToken cancellation = default) => PublishAsync(topic, message, cancellation);

    public async ValueTask PublishAsync(string topic, ReadOnlyMemory<Message> messages, CancellationToken cancellation = default)
    {
        foreach (var message in messages.ToArray())
            await PublishAsync(topic, message, cancellation);
    }

    public ValueTask<string> ScheduleAsync(string topic, Message message, DateTimeOffset due, string? token = null, CancellationToken cancellation = default) => throw new NotSupportedException();

    public ValueTask<bool> UnscheduleAsync(string topic, string token, CancellationToken cancellation = default) => throw new NotSupportedException();
}

internal sealed class FakeSecrets : ISecrets
{
    public string Get(string reference, WeftOptions options) => reference.StartsWith("secret://hook-", StringComparison.Ordinal) ? reference["secret://hook-".Length..] : reference == "secret://partners"
        ? "# keys\nreader read-only orders:read\nacme let-me-in\nglobex sha256:" + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData("other-key"u8)) + "\n"
        : throw new WeftConfigurationException($"There is no secret '{reference}'.");
}

internal sealed class LogLines : ILoggerProvider
{
    public ConcurrentQueue<(string Category, string Line)> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, Lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<(string, string)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((category, formatter(state, exception)));
    }
}
