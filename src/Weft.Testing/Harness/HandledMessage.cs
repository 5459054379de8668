using Weft.Flows;
using Weft.Messages;

namespace Weft.Testing;

/// <summary>A try to deliver an event, with what came of it.</summary>
/// <param name="Message">The event.</param>
/// <param name="Position">Its place in the topic.</param>
/// <param name="Attempt">Which try it was, from 1.</param>
/// <param name="Outcome">What came of it: for a handler that threw, <see cref="OutcomeKind.Retry"/> with its exception.</param>
/// <param name="At">When it ended.</param>
public sealed record HandledMessage(Message Message, long Position, int Attempt, Outcome Outcome, DateTimeOffset At);
