using Polly.Telemetry;

namespace Weft.Tests.Behaviours;

/// <summary>Writes down what strategies report: the name of each event, and what it carries.</summary>
internal sealed class Told : TelemetryListener
{
    public List<(string Name, object? Arguments)> Events { get; } = [];

    public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args) => Events.Add((args.Event.EventName, args.Arguments));
}
